//! A server for one file that answers each request as it is told to.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How a request is answered.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reply {
    /// All bytes, whatever range was asked for.
    Whole,
    /// The range that was asked for, all bytes where none was.
    Range,
    /// A range that begins one byte too early.
    WrongRange,
    /// The first so many bytes of all that were promised.
    Cut(usize),
    /// The first so many bytes, and then nothing until the client gives up.
    Stall(usize),
    /// All bytes, but one every few milliseconds.
    Trickle,
    /// Ten bytes of the range that was asked for, of all that were promised.
    Nibble,
    /// A header without an end, a byte every few milliseconds.
    SlowHeader,
    /// A page in the file's place.
    Page,
    /// A status and no file.
    Status(&'static str),
    /// The address of the file elsewhere on this server.
    Redirect,
    /// The promise of one byte more than the tests' limit.
    Oversized,
    /// Bytes without a promise and without an end.
    Endless,
    /// Not HTTP.
    Garbage,
}

/// Listens until the test ends.
pub(crate) struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers with `replies` one after the other, and with the last one from then on.
    pub(crate) fn new(contents: Vec<u8>, replies: &[Reply]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, replies) = (Arc::clone(&requests), replies.to_vec());
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let mut stream = stream.unwrap();
                let request = read_request(&mut stream);
                seen.lock().unwrap().push(request.clone());
                let reply = replies[number.min(replies.len() - 1)];
                // A client that hangs up early is what some of the tests are about.
                let _ = answer(&mut stream, reply, &request, &contents);
            }
        });
        Self { port, requests }
    }

    /// The address of the folder.
    pub(crate) fn base(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// The requests so far, in lower case.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn read_request(stream: &mut TcpStream) -> String {
    let (mut request, mut byte) = (Vec::new(), [0]);
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|got| got > 0) {
        request.push(byte[0]);
    }
    String::from_utf8_lossy(&request).to_lowercase()
}

fn answer(stream: &mut TcpStream, reply: Reply, request: &str, contents: &[u8]) -> std::io::Result<()> {
    let size = contents.len();
    let mut head = |status: &str, headers: &str| {
        write!(stream, "HTTP/1.1 {status}\r\nETag: \"v1\"\r\nConnection: close\r\n{headers}\r\n")
    };
    let length = |size: usize| format!("Content-Length: {size}\r\n");
    let asked = request.split("range: bytes=").nth(1).and_then(|rest| rest.split('-').next()?.parse().ok());
    match (reply, asked) {
        (Reply::Whole, _) | (Reply::Range, None) => {
            head("200 OK", &length(size))?;
            stream.write_all(contents)
        }
        (Reply::Range | Reply::WrongRange, asked) => {
            let first: usize = asked.unwrap_or_default();
            let first = first - usize::from(matches!(reply, Reply::WrongRange));
            let range = format!("Content-Range: bytes {first}-{}/{size}\r\n", size - 1);
            head("206 Partial Content", &(range + &length(size - first)))?;
            stream.write_all(&contents[first..])
        }
        (Reply::Cut(bytes), _) => {
            head("200 OK", &length(size))?;
            stream.write_all(&contents[..bytes])
        }
        (Reply::Stall(bytes), _) => {
            head("200 OK", &length(size))?;
            stream.write_all(&contents[..bytes])?;
            stream.read(&mut [0]).map(|_| ())
        }
        (Reply::Nibble, None) => {
            head("200 OK", &length(size))?;
            stream.write_all(&contents[..10])
        }
        (Reply::Nibble, Some(first)) => {
            let range = format!("Content-Range: bytes {first}-{}/{size}\r\n", size - 1);
            head("206 Partial Content", &(range + &length(size - first)))?;
            stream.write_all(&contents[first..first + 10])
        }
        (Reply::Trickle, _) => {
            head("200 OK", &length(size))?;
            trickle(stream, contents)
        }
        (Reply::SlowHeader, _) => {
            write!(stream, "HTTP/1.1 200 OK\r\nX-Long: ")?;
            trickle(stream, &[b'x'; 10_000])
        }
        (Reply::Page, _) => {
            let page = "\n<!DOCTYPE html><html><body>Log in first</body></html>";
            head("200 OK", &length(page.len()))?;
            stream.write_all(page.as_bytes())
        }
        (Reply::Status(status), _) => head(status, &length(0)),
        (Reply::Redirect, _) => {
            head("302 Found", &("Location: /elsewhere/images.gz\r\n".to_owned() + &length(0)))
        }
        (Reply::Oversized, _) => head("200 OK", &length((1 << 20) + 1)),
        (Reply::Endless, _) => {
            head("200 OK", "")?;
            loop {
                stream.write_all(contents)?;
            }
        }
        (Reply::Garbage, _) => stream.write_all(b"220 ready\r\n\r\n"),
    }
}

/// Sends one byte after the other until the client has gone.
fn trickle(stream: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    for byte in bytes {
        stream.write_all(&[*byte])?;
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}
