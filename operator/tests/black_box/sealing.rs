//! `onecontact agent seal` changes passwords, and nothing else of a file, whoever has written it.

use crate::folder::{CENTRE, Folder};

/// `text` with each hash as `PHC`.
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
