//! The relying party of passkeys.

use url::{Host, Url};

use super::http::HttpConfig;
use super::reader::Reader;

/// The relying party's id: `PASSKEY_RP_ID`, or the host of `PUBLIC_ORIGIN`, or `localhost` in development, where that
/// is not set. `None` for an IP address: browsers make no passkeys there (`WebAuthn` Level 3, section 5.1.3).
pub(super) fn read(reader: &mut Reader<'_>, http: &HttpConfig) -> Option<String> {
    let public = http.public_origin.as_deref();
    let Some(set) = reader.optional("PASSKEY_RP_ID") else {
        return public.map_or_else(|| Some("localhost".to_owned()), domain_of);
    };
    let wrong = "must be a host name such as example.com: that of PUBLIC_ORIGIN or one above it";
    let parsed = Host::parse(&set);
    let Ok(host) = &parsed else {
        reader.fault("PASSKEY_RP_ID", wrong);
        return None;
    };
    let Host::Domain(id) = host else {
        return None;
    };
    let is_above = |origin: &str| domain_of(origin).is_some_and(|host| is_at_or_under(&host, id));
    if *id != set || !public.is_none_or(is_above) {
        reader.fault("PASSKEY_RP_ID", wrong);
    }
    Some(set)
}

/// The origins whose pages may use passkeys: `own`, and those of `CLIENT_ORIGIN` at or under the relying party's id.
#[must_use]
pub fn origins(rp_id: &str, own: String, clients: &[String]) -> Vec<String> {
    let allowed =
        |origin: &&String| domain_of(origin).is_some_and(|host| is_at_or_under(&host, rp_id));
    let clients = clients.iter().filter(allowed).cloned();
    std::iter::once(own).chain(clients).collect()
}

fn domain_of(origin: &str) -> Option<String> {
    Url::parse(origin).ok()?.domain().map(str::to_owned)
}

fn is_at_or_under(host: &str, id: &str) -> bool {
    host == id || host.strip_suffix(id).is_some_and(|rest| rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_at_or_under_the_relying_party_may_use_passkeys() {
        let clients = [
            "https://app.example.com",
            "https://example.com",
            "https://badexample.com",
            "https://192.0.2.1",
        ]
        .map(str::to_owned);
        let origins = origins("example.com", "https://auth.example.com".to_owned(), &clients);
        assert_eq!(
            origins,
            ["https://auth.example.com", "https://app.example.com", "https://example.com"]
        );
    }
}
