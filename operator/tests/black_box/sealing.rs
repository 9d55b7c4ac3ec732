//! `onecontact agent seal` changes passwords and nothing else in a file, whoever wrote it.

use crate::folder::{CENTRE, Folder};

/// `text` with each hash replaced by `PHC`.
fn without_hashes(text: &[u8]) -> Vec<u8> {
    let text: String = text.iter().map(|byte| char::from(*byte)).collect();
    let mut parts = text.split("$argon2id$");
    let mut rest = parts.next().unwrap().to_owned();
    for part in parts {
        let hash = part.find(|c: char| !(c.is_ascii_alphanumeric() || "+/=$,".contains(c))).unwrap_or(part.len());
        rest = rest + "PHC" + &part[hash..];
    }
    rest.chars().map(|c| u8::try_from(c).unwrap()).collect()
}

#[test]
fn no_agent_of_a_file_is_lost_however_its_lines_end_and_sealing_writes_passwords_alone() {
    for (before, after) in [
        (
            "username,name,extension,password\ndesk1,Desk One,1001,abcdefghijklmnopqrs\rdesk2,Desk Two,1002,\
             abcdefghijklmnopqrs\ndesk3,Desk,1003,abcdefghijklmnopqrs\n",
            "username,name,extension,password,password_hash\ndesk1,Desk One,1001,,\"PHC\"\rdesk2,Desk Two,1002,,\"PHC\"\n\
             desk3,Desk,1003,,\"PHC\"\n",
        ),
        (
            "password;username;\"name\";password_hash\r\r\"abcdefghijklmnopqrs\";desk1;\"Desk One\";\r;desk2;D;$argon2id$v=19\
             $m=19456,t=2,p=1$b25lY29udGFjdC1leGFtcGw$VaiOVIELFg7yydjY0z5/J7Vfv1jl0R2xobrIOabVGjA\r\
             abcdefghijklmnopqrs;desk3;Desk",
            "password;username;\"name\";password_hash\r\r;desk1;\"Desk One\";PHC\r;desk2;D;PHC\r;desk3;Desk;PHC",
        ),
    ] {
        let folder = Folder::new();
        folder.write("centre/a.toml", CENTRE);
        folder.write("centre/acme.csv", before);
        assert!(folder.done(&["check", "centre"]).out.contains(" 3 agents,"), "{before:?}");
        folder.done(&["agent", "seal", "centre"]);
        let sealed = folder.read("centre/acme.csv");
        let sealed = String::from_utf8(without_hashes(sealed.as_bytes())).unwrap();
        assert_eq!(sealed, after);
        assert!(folder.done(&["check", "centre"]).out.contains(" 3 agents,"), "{before:?}");
    }
}

#[test]
fn what_cannot_be_read_is_named_and_left_and_all_else_is_sealed() {
    let folder = Folder::new();
    folder.write("centre/a.toml", CENTRE);
    let agent = "username,name,password\r\nNAME,Desk,abcdefghijklmnopqrs\r\n";
    let utf_16: Vec<u8> =
        format!("\u{FEFF}{}", agent.replace("NAME", "desk1")).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let windows = [agent.replace("NAME", "desk2").as_bytes(), b"desk3,Jos\xE9,abcdefghijklmnopqrs\r\n"].concat();
    let quote = agent.replace("NAME", "desk4").replace("desk4", "desk5,\"D,abcdefghijklmnopqrs\r\ndesk4");
    let agent_table = "[[agent]]\ninstance = \"acme\"\nname = \"D\"\npassword = \"abcdefghijklmnopqrs\"\n";
    let toml = format!("{agent_table}username = \"desk6\n");
    let latin = [agent_table.as_bytes(), b"username = \"jos\xE9\"\n"].concat();
    let files = [
        ("acme.1.csv", &*utf_16),
        ("acme.2.csv", &windows),
        ("acme.3.csv", quote.as_bytes()),
        ("acme.4.csv", agent.as_bytes()),
        ("b.toml", toml.as_bytes()),
        ("c.toml", &latin),
    ];
    for (name, bytes) in files {
        std::fs::write(folder.path("centre").join(name), bytes).unwrap();
    }
    let ran = folder.run(&["agent", "seal", "centre"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.out.contains("Passwords sealed: 3.\nWhat cannot be read may contain others in the clear:\n"),
        "{ran:?}"
    );
    for (told, fix) in [
        ("acme.1.csv:1: error: the file is UTF-16", "save it as \"CSV UTF-8\""),
        ("acme.2.csv:3: error: this row is not UTF-8", "save the file as \"CSV UTF-8\""),
        ("acme.3.csv:2: error: a quote is opened in this row", "close it"),
        ("b.toml:5: error: not TOML", "correct the line"),
        ("c.toml:1: error: the file is not UTF-8", "save it as UTF-8"),
    ] {
        let told = ran.out.split_once(told).unwrap_or_else(|| panic!("{told}: {ran:?}")).1;
        assert!(told.lines().nth(1).is_some_and(|line| line.trim().starts_with(fix)), "{fix}: {ran:?}");
    }
    for (name, before) in files {
        let after = std::fs::read(folder.path("centre").join(name)).unwrap();
        let clear = |bytes: &[u8]| bytes.windows(19).filter(|text| text == b"abcdefghijklmnopqrs").count();
        if matches!(name, "acme.2.csv" | "acme.3.csv" | "acme.4.csv") {
            assert_eq!(clear(&after), clear(before) - 1, "{name}");
        } else {
            assert!(after == before, "{name}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_cannot_be_written_keeps_no_other_from_being_sealed() {
    let folder = Folder::new();
    folder.write("centre/a.toml", CENTRE);
    std::os::unix::fs::symlink("/proc/self/mem", folder.path("centre/acme.a.csv")).unwrap();
    folder.write("centre/acme.b.csv", "username,name,password\ndesk1,Desk,abcdefghijklmnopqrs\n");
    let ran = folder.run(&["agent", "seal", "centre"]);
    assert!(ran.code == 4 && ran.err.contains("centre/acme.a.csv: ") && ran.err.contains("sealed: 1."), "{ran:?}");
    assert!(!folder.read("centre/acme.b.csv").contains("abcdefghijklmnopqrs"));
}

#[test]
fn nor_is_any_other_byte_of_a_toml_file_written() {
    let folder = Folder::new();
    folder.write("centre/a.toml", CENTRE);
    let before = "\u{FEFF}\r\n  [[agent]] # Désk\r\ninstance='acme'\r\nusername = \"desk1\"\r\n\"password\"   =   \
                  '''abcdefghijklmnopqrs'''  # given\r\nname = \"Desk One\"\r\n\r\n\n[[agent]]\ninstance = \"acme\"\nname = \
                  \"D\"\npassword=\"abcdefghijklmnopqrs\"\nusername = \"desk2\"\r\n# The end.";
    folder.write("centre/b.toml", before);
    assert!(folder.done(&["agent", "seal", "centre"]).out.contains("Passwords sealed: 2."));
    let sealed = String::from_utf8(without_hashes(folder.read("centre/b.toml").as_bytes())).unwrap();
    let after = before.replace("\"password\"   =   '''abcdefghijklmnopqrs'''", "password_hash   =   \"PHC\"");
    assert_eq!(sealed, after.replace("password=\"abcdefghijklmnopqrs\"", "password_hash=\"PHC\""));
    assert!(folder.done(&["check", "centre"]).out.contains(" 2 agents,"));
}

#[test]
fn of_whom_it_cannot_be_told_who_they_are_the_password_stays_and_is_named() {
    let folder = Folder::new();
    folder.write("centre/a.toml", CENTRE);
    folder.write("centre/acne.csv", "username,name,password\ndesk1,Desk,abcdefghijklmnopqrs\n");
    folder.write(
        "centre/acme.csv",
        "username,name,password\na:b,Desk,abcdefghijklmnopqrs\ndesk1,Desk,abcdefghijklmnopqrs\n",
    );
    let ran = folder.run(&["agent", "seal", "centre"]);
    assert!(ran.code == 1 && ran.out.contains("Passwords sealed: 1.\nLeft in the clear: 2.\n"), "{ran:?}");
    for (place, name) in [("acme.csv:2", "a:b"), ("acne.csv:2", "desk1")] {
        assert!(
            ran.out.contains(&format!("{place}: error: {name:?}: it is not clear whose password this is")),
            "{ran:?}"
        );
    }
}
