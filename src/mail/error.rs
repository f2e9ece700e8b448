//! Errors of mail. They are logged, so none contains an address of a recipient or a link.

use std::time::Duration;

/// A message was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The server's answer about the recipient or the message is final (5xx, RFC 5321, section 4.2.1), or the address
    /// cannot be written in a message.
    #[error("refused: {0}")]
    Refused(String),
    /// Anything else: it may work later.
    #[error("failed: {0}")]
    Failed(String),
}

impl SendError {
    pub(super) fn deadline(deadline: Duration) -> Self {
        Self::Failed(format!("not sent within {} seconds", deadline.as_secs_f32()))
    }
}

/// Mail cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("{setting} {fault}")]
pub struct MailSetupError {
    setting: &'static str,
    fault: String,
}

impl MailSetupError {
    pub(super) fn new(setting: &'static str, fault: impl Into<String>) -> Self {
        Self { setting, fault: fault.into() }
    }

    /// The setting at fault.
    #[must_use]
    pub fn setting(&self) -> &'static str {
        self.setting
    }

    /// What is wrong with it, to follow its name in a sentence.
    #[must_use]
    pub fn fault(&self) -> &str {
        &self.fault
    }
}
