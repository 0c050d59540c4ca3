//! The table in print: as text, as a matrix, as diagrams.

use core::fmt::{self, Write};

use super::{
    Access, Event, Outcome, State, States,
    table::{COMMANDS, Command, OTHER, Source, TRANSITIONS, Transition, find, says},
};

/// Prints the table as text: the commands, then the transitions, a row a line, with the sentence behind it.
///
/// # Errors
/// Those of `out`.
pub fn text<W: Write>(out: &mut W) -> fmt::Result {
    writeln!(out, "{:<16} {:<26} {:<12} RULE", "COMMAND", "VALID IN", "SOURCE")?;
    for row in COMMANDS.iter().chain([&OTHER]) {
        let Command { name, valid_in, source, .. } = row;
        writeln!(
            out,
            "{name:<16} {:<26} {:<12} {}",
            Shown(valid_in),
            Shown(&Place(source)),
            source.sentence
        )?;
    }
    writeln!(out)?;
    writeln!(out, "{:<26} {:<26} {:<22} {:<12} RULE", "EVENT", "FROM", "TO", "SOURCE")?;
    for Transition { event, from, to, source } in TRANSITIONS {
        let greeting = matches!(event, Event::Greeting(_));
        let from: &dyn fmt::Display = if greeting { &"connection established" } else { from };
        writeln!(
            out,
            "{:<26} {:<26} {:<22} {:<12} {}",
            Shown(event),
            Shown(from),
            to.full_name(),
            Shown(&Place(source)),
            source.sentence
        )?;
    }
    writeln!(out)?;
    writeln!(out, "A reply that has no row moves nothing:")?;
    for source in [says::OK_STAYS, says::NO_STAYS, says::BAD_STAYS] {
        writeln!(out, "{:<12} {}", Shown(&Place(&source)), source.sentence)?;
    }
    Ok(())
}

/// Prints the matrix of every state and every event: the state after it, `.` where nothing moves, `-` where the command
/// is not valid.
///
/// # Errors
/// Those of `out`.
pub fn matrix<W: Write>(out: &mut W) -> fmt::Result {
    write!(out, "{:<30}", "")?;
    for state in State::ALL {
        write!(out, " {:<20}", state.full_name())?;
    }
    writeln!(out)?;
    for row in COMMANDS.iter().chain([&OTHER]) {
        for outcome in Outcome::ALL {
            line(out, &Event::Reply { command: row.name, outcome }, row.valid_in)?;
        }
    }
    for event in [Event::Bye, Event::Closed, Event::ReadOnly, Event::ReadWrite, Event::Disconnected] {
        line(out, &event, States::ALL)?;
    }
    Ok(())
}

fn line<W: Write>(out: &mut W, event: &Event<'_>, valid_in: States) -> fmt::Result {
    write!(out, "{:<30}", Shown(event))?;
    for state in State::ALL {
        let shown = match find(state, event) {
            Some(transition) => transition.to.full_name(),
            None if valid_in.contains(state) => ".",
            None => "-",
        };
        write!(out, " {shown:<20}")?;
    }
    writeln!(out)
}

/// Prints the state diagram in the notation of Mermaid.
///
/// # Errors
/// Those of `out`.
pub fn mermaid<W: Write>(out: &mut W) -> fmt::Result {
    writeln!(out, "stateDiagram-v2")?;
    for state in State::ALL {
        writeln!(out, "    {}: {}", node(state), title(state))?;
    }
    for to in State::ALL {
        let label = Label { from: None, to };
        if label.any() {
            writeln!(out, "    [*] --> {}: {label}", node(to))?;
        }
    }
    for from in State::ALL {
        for to in State::ALL {
            let label = Label { from: Some(from), to };
            if label.any() {
                writeln!(out, "    {} --> {}: {label}", node(from), node(to))?;
            }
        }
    }
    writeln!(out, "    {} --> [*]", node(State::Logout))
}

/// Prints the state diagram in the notation of Graphviz.
///
/// # Errors
/// Those of `out`.
pub fn dot<W: Write>(out: &mut W) -> fmt::Result {
    writeln!(out, "digraph session {{")?;
    writeln!(out, "    node [shape=box, style=rounded];")?;
    writeln!(out, "    start [shape=point];")?;
    for state in State::ALL {
        writeln!(out, "    {} [label=\"{}\"];", node(state), title(state))?;
    }
    for to in State::ALL {
        let label = Label { from: None, to };
        if label.any() {
            writeln!(out, "    start -> {} [label=\"{label}\"];", node(to))?;
        }
    }
    for from in State::ALL {
        for to in State::ALL {
            let label = Label { from: Some(from), to };
            if label.any() {
                writeln!(out, "    {} -> {} [label=\"{label}\"];", node(from), node(to))?;
            }
        }
    }
    writeln!(out, "}}")
}

const fn node(state: State) -> &'static str {
    match state {
        State::NotAuthenticated => "NotAuthenticated",
        State::Authenticated => "Authenticated",
        State::Selected(Access::ReadWrite) => "SelectedReadWrite",
        State::Selected(Access::ReadOnly) => "SelectedReadOnly",
        State::Logout => "Logout",
    }
}

const fn title(state: State) -> &'static str {
    match state {
        State::NotAuthenticated => "not authenticated",
        State::Authenticated => "authenticated",
        State::Selected(Access::ReadWrite) => "selected, read-write",
        State::Selected(Access::ReadOnly) => "selected, read-only",
        State::Logout => "logout",
    }
}

/// All events between two states, in the order of the table. From `None`: the greetings.
struct Label {
    from: Option<State>,
    to: State,
}

impl Label {
    fn events(&self) -> impl Iterator<Item = &'static Event<'static>> {
        let Self { from, to } = *self;
        TRANSITIONS.iter().filter(move |row| row.to == to).map(|row| (row, &row.event)).filter_map(
            move |(row, event)| {
                let greeting = matches!(event, Event::Greeting(_));
                let here = match from {
                    None => greeting,
                    Some(from) => !greeting && row.from.contains(from),
                };
                here.then_some(event)
            },
        )
    }

    fn any(&self) -> bool {
        self.events().next().is_some()
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, event) in self.events().enumerate() {
            if n > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{event}")?;
        }
        Ok(())
    }
}

/// `9051 6.3.1`
struct Place<'a>(&'a Source);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0.rfc, self.0.section)
    }
}

/// Makes a value obey the width of a column.
struct Shown<'a, T: ?Sized>(&'a T);

impl<T: fmt::Display + ?Sized> fmt::Display for Shown<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&alloc::format!("{}", self.0))
    }
}
