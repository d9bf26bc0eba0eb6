//! Folds the text below a command's help to the terminal: clap would break the lines of commands, which then can't be copied.

use clap::Command;
use clap::builder::StyledStr;

/// What separates a command from its explanation, at least.
const GAP: &str = "  ";

/// `command` and its subcommands with the text below their help folded to `width` characters.
pub(super) fn folded(command: Command, width: usize) -> Command {
    let text = command.get_after_help().map(|text| StyledStr::from(fold(&text.to_string(), width)));
    let command = command.mut_subcommands(|below| folded(below, width));
    match text {
        Some(text) => command.after_help(text),
        None => command,
    }
}

/// Folds the indented lines of `text`, each a word or a command and its explanation. clap folds the others, which are prose.
fn fold(text: &str, width: usize) -> String {
    text.lines().map(|line| fold_line(line, width)).collect::<Vec<_>>().join("\n")
}

fn fold_line(line: &str, width: usize) -> String {
    if line.chars().count() <= width || !line.starts_with(' ') {
        return line.to_owned();
    }
    let indent = line.chars().take_while(|c| *c == ' ').count();
    if indent > 4 {
        // More of the explanation above.
        let lead = " ".repeat(indent);
        return wrap(line.trim(), width, &lead, &lead).join("\n");
    }
    let (command, explanation) = line.trim().split_once(GAP).unwrap_or((line.trim(), ""));
    let explanation = explanation.trim();
    if command.contains(' ') {
        let command = wrap(command, width.saturating_sub(2), "  ", "      ").join(" \\\n");
        let explanation = wrap(explanation, width, "      # ", "      # ").join("\n");
        return if explanation.is_empty() { command } else { format!("{command}\n{explanation}") };
    }
    // The column in which the explanation begins.
    let indent = line.chars().count() - explanation.chars().count();
    let lead = format!("{:indent$}", format!("  {command}"));
    wrap(explanation, width, &lead, &" ".repeat(indent)).join("\n")
}

/// `text` in lines of at most `width` characters, unless a word is longer; the first begins with `first`, the others with `further`.
fn wrap(text: &str, width: usize, first: &str, further: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut is_empty) = (first.to_owned(), true);
    for word in text.split_whitespace() {
        if !is_empty && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::replace(&mut line, further.to_owned()));
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    if !is_empty {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
Examples:
  aesparse run configs/relu_mnist.toml --jobs 8 -o training.epochs=10
  aesparse report results      results/report.html and results/figures/
Exit codes:
  130  interrupted; the same command resumes
Prose is left to clap, however long it is.";

    #[test]
    fn commands_can_be_copied_from_a_narrow_terminal() {
        assert_eq!(fold(TEXT, 100), TEXT);
        let expected = "\
Examples:
  aesparse run configs/relu_mnist.toml \\
      --jobs 8 -o training.epochs=10
  aesparse report results
      # results/report.html and
      # results/figures/
Exit codes:
  130  interrupted; the same command
       resumes
Prose is left to clap, however long it is.";
        assert_eq!(fold(TEXT, 40), expected);
    }
}
