//! One HTTP request for the missing bytes of a file, which are appended to the partial file.

use std::io::{ErrorKind, Read};

use ureq::http::{HeaderMap, Response, StatusCode, header};
use ureq::{Agent, Body, Proxy};

use super::partial::Partial;
use super::{DownloadLimits, Pace, Remote, Watcher};
use crate::data;
use crate::error::Error;

/// Bytes read at a time.
const CHUNK: usize = 1 << 16;

/// Why a transfer failed.
pub(super) enum TransferError {
    /// Another attempt may succeed.
    Transient(String),
    /// Another attempt at this address would fail the same way.
    Permanent(String),
    /// A file on this machine can't be read or written.
    Local(Error),
}

impl From<Error> for TransferError {
    fn from(error: Error) -> Self {
        Self::Local(error)
    }
}

/// An HTTP client for one address.
pub(super) struct Client<'a> {
    url: &'a str,
    agent: Agent,
    limits: &'a DownloadLimits,
}

impl<'a> Client<'a> {
    pub(super) fn new(url: &'a str, limits: &'a DownloadLimits) -> Self {
        let config = Agent::config_builder()
            .https_only(url.starts_with("https://"))
            .http_status_as_error(false)
            .user_agent(concat!("aesparse/", env!("CARGO_PKG_VERSION")))
            .timeout_resolve(Some(limits.connect))
            .timeout_connect(Some(limits.connect))
            .timeout_recv_response(Some(limits.stall))
            .timeout_per_read(Some(limits.stall))
            .timeout_per_write(Some(limits.stall))
            // The connection of an interrupted transfer can't be used again.
            .max_idle_connections(0)
            .proxy(if is_local(url) { None } else { Proxy::try_from_env() });
        Self { url, agent: config.build().into(), limits }
    }

    /// Transfers the bytes after the first `from` bytes.
    pub(super) fn transfer(
        &self,
        remote: &Remote,
        partial: &Partial,
        from: u64,
        pace: &Pace<'_>,
        watcher: &dyn Watcher,
    ) -> Result<(), TransferError> {
        let mut response = self.request(partial, from)?;
        let (from, total) = match response.status() {
            StatusCode::OK => (0, content_length(response.headers())),
            StatusCode::PARTIAL_CONTENT => match content_range(response.headers()) {
                Some((first, total)) if first == from => (from, total),
                _ => return Err(clear(partial, "sent another part of the file than was asked for")?),
            },
            // All bytes may have arrived already. The digest tells whether they are the file's.
            StatusCode::RANGE_NOT_SATISFIABLE if from > 0 => return Ok(()),
            status => return Err(status_error(status)),
        };
        if let Some(total) = total.filter(|&total| total > remote.limit) {
            let limit = remote.limit;
            return Err(TransferError::Permanent(format!("offers {total} bytes, the limit is {limit}")));
        }
        if from == 0 {
            partial.begin(self.url, &version_of(response.headers()))?;
        }
        watcher.begin(remote.name, self.url, from, total);
        let end = self.copy(response.body_mut().as_reader(), (remote, partial), from, pace, watcher)?;
        match total {
            Some(total) if end < total => {
                Err(TransferError::Transient(format!("was cut after {end} of {total} bytes")))
            }
            _ => Ok(()),
        }
    }

    /// Requests the file, or its bytes after the first `from` if their version is still the same.
    fn request(&self, partial: &Partial, from: u64) -> Result<Response<Body>, TransferError> {
        let mut request = self.agent.get(self.url);
        if from > 0 {
            request = request.header(header::RANGE, format!("bytes={from}-"));
            let version = partial.origin().map(|(_, version)| version);
            if let Some(version) = version.filter(|version| !version.is_empty()) {
                request = request.header(header::IF_RANGE, version);
            }
        }
        request.call().map_err(|error| self.transfer_error(error))
    }

    /// Appends `body` to the partial file and returns the file's number of bytes.
    fn copy(
        &self,
        mut body: impl Read,
        (remote, partial): (&Remote, &Partial),
        from: u64,
        pace: &Pace<'_>,
        watcher: &dyn Watcher,
    ) -> Result<u64, TransferError> {
        let mut buffer = vec![0; CHUNK];
        let mut length = from;
        loop {
            let got = match body.read(&mut buffer) {
                Ok(0) => return Ok(length),
                Ok(got) => got,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.transfer_error(error.into())),
            };
            if length == 0 && data::is_html(&buffer[..got]) {
                partial.clear()?;
                return Err(TransferError::Permanent("sent an HTML page instead of the file".to_owned()));
            }
            if length + got as u64 > remote.limit {
                partial.clear()?;
                return Err(TransferError::Permanent(format!(
                    "sent more than the limit of {} bytes",
                    remote.limit
                )));
            }
            partial.append(length, &buffer[..got])?;
            length += got as u64;
            watcher.received(length);
            pace.check(length)?;
        }
    }

    /// Classifies a failed request or an interrupted transfer.
    fn transfer_error(&self, error: ureq::Error) -> TransferError {
        match error {
            ureq::Error::Timeout(ureq::Timeout::RecvResponse) => {
                TransferError::Transient(format!("sent no answer within {:?}", self.limits.stall))
            }
            ureq::Error::Timeout(ureq::Timeout::PerRead | ureq::Timeout::PerWrite) => {
                TransferError::Transient(format!("sent nothing for {:?}", self.limits.stall))
            }
            ureq::Error::Timeout(_) => {
                TransferError::Transient(format!("couldn't be reached within {:?}", self.limits.connect))
            }
            ureq::Error::Io(error) => match error.kind() {
                ErrorKind::UnexpectedEof => TransferError::Transient("the connection was cut".to_owned()),
                ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
                    TransferError::Transient(error.to_string())
                }
                // No such server, no listener or no network: another address is more likely to work.
                _ => TransferError::Permanent(error.to_string()),
            },
            ureq::Error::HostNotFound => {
                TransferError::Permanent("there is no such server, or no network".to_owned())
            }
            ureq::Error::Protocol(error) => TransferError::Transient(error.to_string()),
            other => TransferError::Permanent(other.to_string()),
        }
    }
}

/// Clears the partial file, so that the next attempt requests all bytes.
fn clear(partial: &Partial, problem: &str) -> Result<TransferError, TransferError> {
    partial.clear()?;
    Ok(TransferError::Transient(problem.to_owned()))
}

fn status_error(status: StatusCode) -> TransferError {
    let problem = format!("answered {status}");
    let is_transient = status.is_server_error()
        || [StatusCode::TOO_MANY_REQUESTS, StatusCode::REQUEST_TIMEOUT].contains(&status);
    if is_transient { TransferError::Transient(problem) } else { TransferError::Permanent(problem) }
}

fn is_local(url: &str) -> bool {
    let host = url.split("://").nth(1).unwrap_or_default();
    ["localhost", "127.", "[::1]"].iter().any(|local| host.starts_with(local))
}

fn header_text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    header_text(headers, header::CONTENT_LENGTH)?.trim().parse().ok()
}

/// First byte and total size, if it is given, of a range like `bytes 5-9/10`.
fn content_range(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let (range, total) =
        header_text(headers, header::CONTENT_RANGE)?.trim().strip_prefix("bytes ")?.split_once('/')?;
    let first = range.split_once('-')?.0.trim().parse().ok()?;
    Some((first, total.trim().parse().ok()))
}

/// The version by which a later request resumes: a strong entity tag, or else the time of the last change; empty without both.
fn version_of(headers: &HeaderMap) -> String {
    let tag = header_text(headers, header::ETAG).filter(|tag| !tag.starts_with("W/"));
    tag.or_else(|| header_text(headers, header::LAST_MODIFIED)).unwrap_or_default().to_owned()
}
