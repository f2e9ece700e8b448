//! `twofold completions` and `twofold man`: text generated from the definition of the command line.

use std::io::{self, Write};

use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;

use super::exit::Failure;

/// Prints a completion script.
pub(super) fn completions(mut command: Command, shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "twofold", &mut script);
    io::stdout().write_all(&script).map_err(Failure::other)
}

/// Prints one manual page, with a section for each subcommand.
pub(super) fn manual(mut command: Command) -> Result<(), Failure> {
    command.build();
    let page = render(&command).map_err(Failure::other)?;
    io::stdout().write_all(&page).map_err(Failure::other)
}

fn render(command: &Command) -> io::Result<Vec<u8>> {
    let main = Man::new(command.clone());
    let mut page = Vec::new();
    main.render_title(&mut page)?;
    main.render_name_section(&mut page)?;
    main.render_synopsis_section(&mut page)?;
    main.render_description_section(&mut page)?;
    main.render_options_section(&mut page)?;
    render_subcommands(command, &mut page)?;
    main.render_extra_section(&mut page)?;
    main.render_version_section(&mut page)?;
    Ok(page)
}

/// Renders every command below this one that does something by itself.
fn render_subcommands(parent: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    for command in parent.get_subcommands().filter(|command| command.get_name() != "help") {
        if command.has_subcommands() {
            render_subcommands(command, page)?;
            continue;
        }
        let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
        writeln!(page, ".SH {}", name.to_uppercase())?;
        let (man, mut sections) = (Man::new(command.clone()), Vec::new());
        man.render_synopsis_section(&mut sections)?;
        man.render_description_section(&mut sections)?;
        man.render_options_section(&mut sections)?;
        let sections = String::from_utf8_lossy(&sections);
        write!(page, "{}", sections.replace(".SH ", ".SS "))?;
    }
    Ok(())
}
