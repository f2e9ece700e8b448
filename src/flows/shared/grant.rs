//! What a correct second factor grants.

use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::second_factor::UsedFactor;
use crate::domain::session::{Methods, NewSession, Proof, Session};
use crate::storage::{DeviceNote, NetworkNote, Opening};

/// What a correct second factor grants.
pub enum Grant<'a> {
    /// Nothing: it is checked and used up.
    Nothing,
    /// A new session.
    NewSession {
        /// The session.
        session: NewSession<'a>,
        /// What to record about its network.
        network: NetworkNote,
        /// What it does to the trusted devices.
        device: &'a DeviceNote,
    },
    /// The second level, for the session of a trusted device that submits it.
    SecondLevel {
        /// The session.
        session: &'a Session,
        /// Digest of its new token.
        digest: Digest,
    },
    /// The session that submits it, authenticated again.
    Renewal {
        /// The session.
        session: &'a Session,
        /// Digest of its new token.
        digest: Digest,
        /// Whether there is no password beside it: then it is a passkey that verifies its user.
        alone: bool,
    },
}

impl Grant<'_> {
    pub(super) fn opening(&self, proof: Proof, now: Moment) -> Option<Opening> {
        match self {
            Self::Nothing => None,
            Self::NewSession { session, network, device } => Some(Opening {
                session: session.begin(proof, now),
                in_place_of: None,
                network: *network,
                device: (*device).clone(),
            }),
            Self::SecondLevel { session, digest } => {
                let raised = session.raised(*digest, proof, now);
                let by_passkey = proof.methods == Methods::PasswordAndPasskey;
                let raised = if by_passkey { raised.with_tries_of(session) } else { raised };
                Some(Opening::in_place_of(session, raised))
            }
            Self::Renewal { session, digest, alone } => {
                let renewed = session.renewed(*digest, proof, now);
                let renewed = if *alone { renewed.with_tries_of(session) } else { renewed };
                Some(Opening::in_place_of(session, renewed))
            }
        }
    }

    /// What is proved by this factor, and by the password unless it stands alone; `None` if it may not.
    pub(super) fn proof(&self, used: &UsedFactor) -> Option<Proof> {
        let is_alone = matches!(self, Self::Renewal { alone: true, .. });
        let (methods, step) = match used {
            UsedFactor::Passkey(passkey) if is_alone => {
                return passkey
                    .stands_alone()
                    .then_some(Proof { methods: Methods::Passkey, step: None });
            }
            _ if is_alone => return None,
            UsedFactor::Code(step) => (Methods::PasswordAndOtp, Some(*step)),
            UsedFactor::Recovery(_) => (Methods::PasswordAndRecoveryCode, None),
            UsedFactor::Passkey(_) => (Methods::PasswordAndPasskey, None),
        };
        Some(Proof { methods, step })
    }
}
