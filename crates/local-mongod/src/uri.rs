//! Connection strings.

use crate::database::RootUser;

/// The connection string of `hosts`, with the credentials of `root` and one more option.
pub(crate) fn uri(hosts: &str, root: Option<&RootUser>, option: Option<String>) -> String {
    let user = root.map_or_else(String::new, |root| {
        format!("{}:{}@", percent_encoded(&root.name), percent_encoded(&root.password))
    });
    let source = root.map(|_| "authSource=admin".to_owned());
    let options: Vec<String> = source.into_iter().chain(option).collect();
    let query = if options.is_empty() { String::new() } else { format!("?{}", options.join("&")) };
    format!("mongodb://{user}{hosts}/{query}")
}

fn percent_encoded(text: &str) -> String {
    let encode = |byte: u8| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(encode).collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_escaped_in_the_connection_string() {
        let root = RootUser { name: "admin".to_owned(), password: "p@ss/wörd".to_owned() };
        assert_eq!(
            uri("127.0.0.1:6000", Some(&root), None),
            "mongodb://admin:p%40ss%2Fw%C3%B6rd@127.0.0.1:6000/?authSource=admin"
        );
    }

    #[test]
    fn without_authentication_the_connection_string_has_no_credentials() {
        assert_eq!(uri("127.0.0.1:6000", None, None), "mongodb://127.0.0.1:6000/");
    }
}
