//! What made-up messages are made of, from a seed: the same every time.

/// SplitMix64.
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In `low..=high`.
    pub fn within(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[(self.next() % from.len() as u64) as usize]
    }
}

pub const GIVEN: &[&str] = &[
    "Alice",
    "Bob",
    "Chiara",
    "Dmitri",
    "Eva",
    "Fatima",
    "Goran",
    "Hye-jin",
    "Ines",
    "Jo",
    "Konstantinos",
    "Lu",
    "Maximiliane",
    "Nils",
    "Oluwaseun",
    "Pia",
];
pub const FAMILY: &[&str] = &[
    "Liddell",
    "Ng",
    "Rossi",
    "Sokolov",
    "Andersson-Lindqvist",
    "Haddad",
    "Petrov",
    "Kim",
    "Ferreira da Costa",
    "Smith",
    "Papadopoulos",
    "Wu",
    "Oberhauser",
    "de Vries",
    "Adeyemi",
    "Marini",
];
pub const HOSTS: &[&str] = &[
    "example.org",
    "example.com",
    "mail.example.net",
    "lists.example.org",
    "a.example",
    "research.example.edu",
    "support.shop.example",
    "x.example",
];
pub const WORDS: &[&str] = &[
    "meeting",
    "notes",
    "on",
    "the",
    "quarterly",
    "report",
    "lunch",
    "Friday",
    "draft",
    "of",
    "contract",
    "re:",
    "build",
    "failed",
    "version",
    "2.4.1",
    "released",
    "invoice",
    "no.",
    "20931",
    "photos",
    "from",
    "last",
    "week",
    "question",
    "about",
    "your",
    "talk",
    "agenda",
    "v3",
    "please",
    "review",
];
const DAYS: &[&str] = &["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
pub const MONTHS: &[&str] =
    &["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const ZONES: &[&str] = &["+0000", "-0500", "+0200", "+0530", "-0800", "+0100"];

pub fn words(rng: &mut Rng, low: u64, high: u64) -> String {
    let count = rng.within(low, high);
    (0..count).map(|_| rng.pick(WORDS)).collect::<Vec<_>>().join(" ")
}

pub fn token(rng: &mut Rng, length: usize) -> String {
    (0..length).map(|_| rng.pick(b"abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHJK") as char).collect()
}

fn date(rng: &mut Rng) -> String {
    format!(
        "{}, {} {} {} {}",
        rng.pick(DAYS),
        rng.within(1, 28),
        rng.pick(MONTHS),
        rng.within(2004, 2026),
        time_and_zone(rng)
    )
}

fn time_and_zone(rng: &mut Rng) -> String {
    format!("{:02}:{:02}:{:02} {}", rng.within(0, 23), rng.within(0, 59), rng.within(0, 59), rng.pick(ZONES))
}

pub fn internal_date(rng: &mut Rng) -> String {
    format!("{:2}-{}-{} {}", rng.within(1, 28), rng.pick(MONTHS), rng.within(2004, 2026), time_and_zone(rng))
}

pub fn flags(rng: &mut Rng) -> String {
    let mut flags: Vec<&str> = Vec::new();
    for (flag, percent) in [
        ("\\Seen", 70),
        ("\\Answered", 25),
        ("\\Flagged", 12),
        ("\\Deleted", 4),
        ("\\Draft", 3),
        ("$Forwarded", 8),
        ("$MDNSent", 6),
        ("NonJunk", 20),
        ("project-x", 5),
    ] {
        if rng.chance(percent) {
            flags.push(flag);
        }
    }
    flags.join(" ")
}

fn address(rng: &mut Rng) -> String {
    let (given, family, host) = (rng.pick(GIVEN), rng.pick(FAMILY), rng.pick(HOSTS));
    let name = match rng.within(0, 9) {
        0..=1 => "NIL".to_owned(),
        2 => format!("\"{family}, {given} \\\"{}\\\"\"", given.to_lowercase()),
        3 => format!("\"=?utf-8?Q?{}_{}?=\"", given.replace('i', "=C3=AD"), family.replace(' ', "_")),
        _ => format!("\"{given} {family}\""),
    };
    let local = if rng.chance(60) {
        format!("{}.{}", given.to_lowercase(), family.to_lowercase().replace(' ', ""))
    } else {
        given.to_lowercase()
    };
    format!("({name} NIL \"{local}\" \"{host}\")")
}

fn addresses(rng: &mut Rng, low: u64, high: u64) -> String {
    match rng.within(low, high) {
        0 => "NIL".to_owned(),
        count => format!("({})", (0..count).map(|_| address(rng)).collect::<String>()),
    }
}

pub fn message_id(rng: &mut Rng) -> String {
    let length = rng.within(12, 34) as usize;
    format!("\"<{}@{}>\"", token(rng, length), rng.pick(HOSTS))
}

pub fn envelope(rng: &mut Rng) -> String {
    let subject = match rng.within(0, 11) {
        0 => "NIL".to_owned(),
        1 => format!("\"=?utf-8?B?{}?=\"", token(rng, 32)),
        2 => format!("\"Re: \\\"{}\\\" and {}\"", words(rng, 1, 2), words(rng, 1, 4)),
        _ => format!("\"{}\"", words(rng, 2, 8)),
    };
    let from = format!("({})", address(rng));
    let (sender, reply_to) = if rng.chance(80) {
        (from.clone(), from.clone())
    } else {
        (addresses(rng, 1, 1), addresses(rng, 1, 2))
    };
    let in_reply_to = if rng.chance(45) { message_id(rng) } else { "NIL".to_owned() };
    format!(
        "(\"{}\" {subject} {from} {sender} {reply_to} {} {} NIL {in_reply_to} {})",
        date(rng),
        addresses(rng, 1, 2),
        addresses(rng, 0, 2),
        message_id(rng)
    )
}
