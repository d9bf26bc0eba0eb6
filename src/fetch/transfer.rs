//! One request: asks for the missing bytes of a file and appends them to what is there.

use std::io::{ErrorKind, Read};

use ureq::http::{HeaderMap, Response, StatusCode, header};
use ureq::{Agent, Body, Proxy};

use super::partial::Partial;
use super::{Pace, Patience, Remote, Watcher};
use crate::data;
use crate::error::Error;

/// Bytes read at a time.
const CHUNK: usize = 1 << 16;

/// Why a transfer didn't give the whole file.
pub(super) enum Failure {
    /// Another attempt may succeed.
    Passing(String),
    /// Another attempt at this address would end the same way.
    Lasting(String),
    /// Something is wrong on this machine.
    Local(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Local(error)
    }
}

/// Asks one address.
pub(super) struct Client<'a> {
    url: &'a str,
    agent: Agent,
    patience: &'a Patience,
}

impl<'a> Client<'a> {
    pub(super) fn new(url: &'a str, patience: &'a Patience) -> Self {
        let config = Agent::config_builder()
            .https_only(url.starts_with("https://"))
            .http_status_as_error(false)
            .user_agent(concat!("aesparse/", env!("CARGO_PKG_VERSION")))
            .timeout_resolve(Some(patience.connect))
            .timeout_connect(Some(patience.connect))
            .timeout_recv_response(Some(patience.stall))
            .timeout_per_read(Some(patience.stall))
            .timeout_per_write(Some(patience.stall))
            // A cut transfer leaves its connection in no state to be used again.
            .max_idle_connections(0)
            .proxy(if is_local(url) { None } else { Proxy::try_from_env() });
        Self { url, agent: config.build().into(), patience }
    }

    /// Transfers what follows the first `from` bytes, which are there.
    pub(super) fn transfer(
        &self,
        remote: &Remote,
        partial: &Partial,
        from: u64,
        pace: &Pace<'_>,
        watcher: &dyn Watcher,
    ) -> Result<(), Failure> {
        let mut response = self.ask(partial, from)?;
        let (from, total) = match response.status() {
            StatusCode::OK => (0, length(response.headers())),
            StatusCode::PARTIAL_CONTENT => match range(response.headers()) {
                Some((first, total)) if first == from => (from, total),
                _ => return Err(restarted(partial, "sent another part of the file than was asked for")?),
            },
            // All of it may be there; if it isn't the file, its digest tells.
            StatusCode::RANGE_NOT_SATISFIABLE if from > 0 => return Ok(()),
            status => return Err(refused(status)),
        };
        if let Some(total) = total.filter(|&total| total > remote.limit) {
            let limit = remote.limit;
            return Err(Failure::Lasting(format!("offers {total} bytes, the limit is {limit}")));
        }
        if from == 0 {
            partial.begin(self.url, &version(response.headers()))?;
        }
        watcher.begin(remote.name, self.url, from, total);
        let end = self.copy(response.body_mut().as_reader(), (remote, partial), from, pace, watcher)?;
        match total {
            Some(total) if end < total => {
                Err(Failure::Passing(format!("was cut after {end} of {total} bytes")))
            }
            _ => Ok(()),
        }
    }

    fn ask(&self, partial: &Partial, from: u64) -> Result<Response<Body>, Failure> {
        let mut request = self.agent.get(self.url);
        if from > 0 {
            request = request.header(header::RANGE, format!("bytes={from}-"));
            let version = partial.version().map(|(_, version)| version);
            if let Some(version) = version.filter(|version| !version.is_empty()) {
                request = request.header(header::IF_RANGE, version);
            }
        }
        request.call().map_err(|error| self.failure(error))
    }

    /// Appends what `body` gives and returns the number of bytes that are there at its end.
    fn copy(
        &self,
        mut body: impl Read,
        (remote, partial): (&Remote, &Partial),
        from: u64,
        pace: &Pace<'_>,
        watcher: &dyn Watcher,
    ) -> Result<u64, Failure> {
        let mut buffer = vec![0; CHUNK];
        let mut length = from;
        loop {
            let got = match body.read(&mut buffer) {
                Ok(0) => return Ok(length),
                Ok(got) => got,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.failure(error.into())),
            };
            if length == 0 && data::is_html(&buffer[..got]) {
                partial.restart()?;
                return Err(Failure::Lasting("sent an HTML page instead of the file".to_owned()));
            }
            if length + got as u64 > remote.limit {
                partial.restart()?;
                return Err(Failure::Lasting(format!("sent more than the limit of {} bytes", remote.limit)));
            }
            partial.append(length, &buffer[..got])?;
            length += got as u64;
            watcher.received(length);
            pace.check(length)?;
        }
    }

    /// What a failed request or a cut transfer means.
    fn failure(&self, error: ureq::Error) -> Failure {
        match error {
            ureq::Error::Timeout(ureq::Timeout::RecvResponse) => {
                Failure::Passing(format!("sent no answer within {:?}", self.patience.stall))
            }
            ureq::Error::Timeout(ureq::Timeout::PerRead | ureq::Timeout::PerWrite) => {
                Failure::Passing(format!("sent nothing for {:?}", self.patience.stall))
            }
            ureq::Error::Timeout(_) => {
                Failure::Passing(format!("couldn't be reached within {:?}", self.patience.connect))
            }
            ureq::Error::Io(error) => match error.kind() {
                ErrorKind::UnexpectedEof => Failure::Passing("the connection was cut".to_owned()),
                ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
                    Failure::Passing(error.to_string())
                }
                // No such server, none listening, no network: another address is the better attempt.
                _ => Failure::Lasting(error.to_string()),
            },
            ureq::Error::HostNotFound => {
                Failure::Lasting("there is no such server, or no network".to_owned())
            }
            ureq::Error::Protocol(error) => Failure::Passing(error.to_string()),
            other => Failure::Lasting(other.to_string()),
        }
    }
}

/// Throws away what is there, so that the next attempt asks for everything.
fn restarted(partial: &Partial, problem: &str) -> Result<Failure, Failure> {
    partial.restart()?;
    Ok(Failure::Passing(problem.to_owned()))
}

fn refused(status: StatusCode) -> Failure {
    let problem = format!("answered {status}");
    let passing = status.is_server_error()
        || [StatusCode::TOO_MANY_REQUESTS, StatusCode::REQUEST_TIMEOUT].contains(&status);
    if passing { Failure::Passing(problem) } else { Failure::Lasting(problem) }
}

fn is_local(url: &str) -> bool {
    let host = url.split("://").nth(1).unwrap_or_default();
    ["localhost", "127.", "[::1]"].iter().any(|local| host.starts_with(local))
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn length(headers: &HeaderMap) -> Option<u64> {
    text(headers, header::CONTENT_LENGTH)?.trim().parse().ok()
}

/// First byte and total, where it is given, of `bytes 5-9/10`.
fn range(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let (range, total) =
        text(headers, header::CONTENT_RANGE)?.trim().strip_prefix("bytes ")?.split_once('/')?;
    let first = range.split_once('-')?.0.trim().parse().ok()?;
    Some((first, total.trim().parse().ok()))
}

/// What a resumed request names the version by: the tag, if it promises the same bytes, or else the time of change.
fn version(headers: &HeaderMap) -> String {
    let tag = text(headers, header::ETAG).filter(|tag| !tag.starts_with("W/"));
    tag.or_else(|| text(headers, header::LAST_MODIFIED)).unwrap_or_default().to_owned()
}
