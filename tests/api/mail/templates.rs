//! The operator's own texts.

use std::fs;
use std::path::Path;

use twofold::mail::{Content, LinkPage, MailSetupError, Mailer, NoticeKind, Transport};

use super::{ADA, built, folder, link, notice, settings, smtp, to_ada};
use crate::harness::SmtpSink;

fn with_templates(sink: &SmtpSink, templates: &Path) -> Result<Mailer, MailSetupError> {
    let mut settings = settings(Transport::Smtp(smtp(sink)));
    settings.templates = Some(templates.to_owned());
    built(settings)
}

#[tokio::test]
async fn a_file_replaces_one_text_and_every_other_one_stays() {
    let path = folder("replaced");
    let text = "Subject: Passwort zurücksetzen\n{% include \"greeting.txt\" %}\n\n\
        [Neues Passwort]({{ link }})\n\nGültig: {{ link_lifetime }} <b>\n\n\
        {% if disown %}[Nicht ich]({{ disown }}){% endif %}\n";
    fs::write(path.join("reset.txt"), text).unwrap();
    fs::write(path.join("greeting.txt"), "Guten Tag{% if name %} {{ name }}{% endif %},\n")
        .unwrap();
    fs::write(path.join(".hidden"), "").unwrap();
    let sink = SmtpSink::start().await;
    let mailer = with_templates(&sink, &path).unwrap();
    let content = Content::Reset { link: link(LinkPage::Reset), disown: None };
    mailer.send(&to_ada(content)).await.unwrap();
    let message = sink.next_to(ADA).await;
    assert_eq!(message.header("subject").as_deref(), Some("Passwort zurücksetzen"));
    assert!(
        message.text.starts_with("Guten Tag,\n\nNeues Passwort:\nhttps://"),
        "{}",
        message.text
    );
    assert!(message.html.contains("Gültig: 30 minutes &lt;b&gt;"), "{}", message.html);
    mailer.send(&to_ada(notice(NoticeKind::NewNetwork))).await.unwrap();
    let message = sink.next_to(ADA).await;
    assert!(message.text.starts_with("Guten Tag,\n\nSomeone signed in"), "{}", message.text);
}

#[tokio::test]
async fn a_broken_template_stops_the_start_and_the_fault_names_it() {
    let sink = SmtpSink::start().await;
    for (number, (file, text, expected)) in [
        ("reset.txt", "Subject: x\n{{ link", "reset.txt, line"),
        ("reset.txt", "Subject: x\n{{ lnk }}\n{{ link }}", "reset.txt, line 1"),
        ("reset.txt", "Subject: x\nNo links.", "reset.txt lacks the link link"),
        ("verify.txt", "Subject: x\n{{ link }}", "verify.txt lacks the link disown"),
        ("notice-new_network.txt", "Subject: x\nHello", "lacks the link secure"),
        ("reset.txt", "{{ link }}{{ disown }}", "must begin with \"Subject: \""),
        ("reset.txt", "Subject: Dear {{ name }}\n{{ link }}", "the subject of reset.txt"),
        ("reset.txt", "Subject:  \n{{ link }}", "the subject of reset.txt"),
        ("verfy.txt", "Subject: x\n", "there is no template verfy.txt"),
        ("layout.html", "{{ blocks.nothing.here }}", "layout.html, line 1"),
        ("not-you.txt", "{% include \"missing.txt\" %}", "missing.txt"),
    ]
    .into_iter()
    .enumerate()
    {
        let path = folder(&format!("broken-{number}"));
        fs::write(path.join(file), text).unwrap();
        let error = with_templates(&sink, &path).err();
        let error = error.unwrap_or_else(|| panic!("{file} with {text:?} was accepted"));
        assert_eq!(error.setting(), "MAIL_TEMPLATES");
        let said = error.to_string();
        assert!(said.contains(expected), "{text:?}: {said}");
    }
    let missing = folder("missing").join("not-there");
    let said = with_templates(&sink, &missing).err().unwrap().to_string();
    assert!(said.starts_with("MAIL_TEMPLATES cannot be read"), "{said}");
}
