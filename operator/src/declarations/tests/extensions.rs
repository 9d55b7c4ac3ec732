//! Extensions.

use super::*;

/// The one problem of a sound directory with this extension.
fn extension_problem(fields: &str) -> String {
    problem(&format!("\n[[extension]]\ninstance = \"acme\"\n{fields}\n"))
}

#[test]
fn extensions_are_declared_singly_in_ranges_and_in_a_csv() {
    let toml = "\n[[extension]]\ninstance = \"acme\"\nnumber = \"2000\"\nto = \"2099\"\nagents = [\"desk1\"]\n";
    let csv = "number;to;kind;agents\n1001;;browser_phone;desk1\n0100;0199;;\n";
    let directory = Directory::of(&[("a.toml", &format!("{SOUND}{toml}")), ("acme.phones.csv", csv)]);
    let checked = check(load(directory.path()).unwrap());
    assert_eq!(checked.problems, []);
    let counts: Vec<u64> = checked.declared.extensions.iter().map(|extension| extension.numbers.count()).collect();
    assert_eq!(counts, [1, 100, 100]);
    assert_eq!(checked.declared.extensions[0].agents.as_ref().unwrap().len(), 1);
}

#[test]
fn each_fault_of_an_extension_is_told_and_leaves_out_it_alone() {
    for (fields, what) in [
        ("kind = \"desk_phone\"", "this extension has no `number`"),
        ("number = \"12a\"", "`number` cannot be"),
        ("number = \"1001\"\nkind = \"mobile\"", "the kinds are desk_phone, browser_phone, external"),
        ("number = \"1001\"\nto = \"999\"", "1001 to 999 is not a range"),
        ("number = \"1002\"\nto = \"1001\"", "1002 to 1001 is not a range"),
        ("number = \"1000000\"\nto = \"1999999\"", "are 1000000 numbers"),
        ("number = \"1001\"\nagents = [\"nobody\"]", "no agent of \"acme\" is called \"nobody\""),
        ("number = \"1001\"\nagents = []", "`agents` is empty"),
        ("number = \"1001\"\ncolour = \"red\"", "`colour` is not a field of an extension"),
    ] {
        let problem = extension_problem(fields);
        assert!(problem.contains(what), "{fields}: {problem}");
    }
    let elsewhere = problem("\n[[extension]]\ninstance = \"nowhere\"\nnumber = \"1\"\n");
    assert!(elsewhere.contains("no instance is called \"nowhere\""), "{elsewhere}");
}

#[test]
fn a_number_is_declared_once_but_one_of_a_range_may_be_named_alone() {
    let one = "\n[[extension]]\ninstance = \"acme\"\nnumber = \"1001\"\n";
    let range = "\n[[extension]]\ninstance = \"acme\"\nnumber = \"1000\"\nto = \"1009\"\n";
    assert_eq!(problems(&[("a.toml", &format!("{SOUND}{one}{range}"))]), (vec![], 1));
    for twice in [format!("{one}{one}"), format!("{range}{}", range.replace("1009", "1004"))] {
        assert!(problem(&twice).contains("is already declared, at"), "{twice}");
    }
}

#[test]
fn one_of_another_kind_than_the_range_that_it_lies_in_is_a_warning_and_counts_once() {
    let one = "\n[[extension]]\ninstance = \"acme\"\nnumber = \"1150\"\nkind = \"external\"\n";
    let range = "\n[[extension]]\ninstance = \"acme\"\nnumber = \"1100\"\nto = \"1199\"\n";
    let directory = Directory::of(&[("a.toml", &format!("{SOUND}{one}{range}"))]);
    let checked = check(load(directory.path()).unwrap());
    assert_eq!(checked.declared.extension_numbers(), 100);
    let [problem] = &checked.problems[..] else { panic!("{:?}", checked.problems) };
    assert_eq!(problem.severity, Severity::Warning);
    assert!(
        problem.what.starts_with("the extension 1150 is external, and lies in a range of desk_phone, 1100–1199 at ")
    );
}

#[test]
fn two_agents_with_one_usual_extension_are_a_warning_unless_they_are_in_two_instances() {
    let usual = SOUND.replace("name = \"Desk1\"", "name = \"Desk1\"\nextension = \"1001\"");
    let other = format!(
        "[[agent]]\ninstance = \"acme\"\nusername = \"x\"\nname = \"X\"\nextension = \"1001\"\npassword_hash = '{HASH}'\n"
    );
    let (found, sound) = problems(&[("a.toml", &format!("{usual}{other}"))]);
    assert!(
        found.len() == 1 && found[0].contains("the usual extension of \"x\", 1001, is also that of \"desk1\", at "),
        "{found:?}"
    );
    assert_eq!(sound, 2);
    let elsewhere = "[[instance]]\nid = \"01KAS5D3M01N1TECH000000001\"\nname = \"initech\"\n";
    let two =
        usual.replace("[\"acme\"]", "[\"acme\", \"initech\"]") + elsewhere + &other.replace("\"acme\"", "\"initech\"");
    assert_eq!(problems(&[("a.toml", &two)]), (vec![], 2));
}

#[test]
fn where_many_agents_share_extensions_one_warning_tells_how_many() {
    let agent = |number: usize| {
        format!(
            "[[agent]]\ninstance = \"acme\"\nusername = \"x{number}\"\nname = \"X\"\nextension = \"1001\"\npassword_hash = \
             '{HASH}'\n"
        )
    };
    let agents: String = (0..12).map(agent).collect();
    let by_mail = SOUND.replace("name = \"Desk1\"", "name = \"Desk1\"\nrequires_extension = false");
    let (found, sound) = problems(&[("a.toml", &format!("{by_mail}{agents}"))]);
    let told = "11 agents have the usual extension of another: \"x1\", 1001, as \"x0\", at ";
    assert!(found.len() == 1 && found[0].contains(told), "{found:?}");
    assert_eq!(sound, 13);
}

#[test]
fn an_agent_who_may_not_use_their_usual_extension_is_a_warning() {
    let usual = SOUND.replace("name = \"Desk1\"", "name = \"Desk1\"\nextension = \"1001\"");
    let other = format!(
        "[[agent]]\ninstance = \"acme\"\nusername = \"x\"\nname = \"X\"\npassword_hash = '{HASH}'\n\
         [[extension]]\ninstance = \"acme\"\nnumber = \"1001\"\nagents = [\"x\"]\n"
    );
    let (found, sound) = problems(&[("a.toml", &format!("{usual}{other}"))]);
    assert!(found[0].contains("\"desk1\" may not use the extension 1001"), "{found:?}");
    assert_eq!((found.len(), sound), (1, 2));
}

#[test]
fn agents_who_need_no_extension_are_not_warned_of() {
    let fixed =
        SOUND.replace("instances = [\"acme\"]", "instances = [\"acme\"]\nallow_extension_configuration = false");
    let by_mail = fixed.replace("name = \"Desk1\"", "name = \"Desk1\"\nrequires_extension = false");
    assert_eq!(problems(&[("a.toml", &by_mail)]), (vec![], 1));
}

#[test]
fn agents_who_need_an_extension_and_find_none_that_is_free_are_one_warning_with_what_to_do() {
    let agent = |name: &str, more: &str| {
        format!(
            "[[agent]]\ninstance = \"acme\"\nusername = \"{name}\"\nname = \"X\"\n{more}\npassword_hash = '{HASH}'\n"
        )
    };
    let extension = |more: &str| format!("[[extension]]\ninstance = \"acme\"\n{more}\n");
    let found = |more: &[String]| {
        let (mut found, _) = problems(&[("a.toml", &format!("{SOUND}{}", more.concat()))]);
        assert!(found.len() < 2, "{found:?}");
        found.pop().unwrap_or_default()
    };
    let (first, usual) = (agent("x", "extension = \"1001\""), extension("number = \"1001\""));
    for (others, count) in
        [(&[first.clone()][..], 1), (&[first.clone(), usual], 1), (&[first.clone(), agent("y", "")], 2)]
    {
        let told = found(others);
        assert!(told.starts_with("14 agents of \"acme\" have no extension and can never be ready"), "{told}");
        assert!(told.contains(&format!("for them to type: {count} give each an `extension`")), "{told}");
    }
    let two = agent("y", "");
    let one_free = found(&[first.clone(), two.clone(), extension("number = \"1000\"\nto = \"1001\"")]);
    assert!(one_free.contains("have no extension: 2, and there are only 1 for them to type"), "{one_free}");
    assert!(one_free.contains("otherwise, declare more in an [[extension]]"), "{one_free}");
    let of_others = found(&[first.clone(), extension("number = \"1002\"\nagents = [\"x\"]")]);
    assert!(of_others.contains("can never be ready"), "{of_others}");
    let theirs = extension("number = \"1002\"\nagents = [\"desk1\"]");
    let enough = extension("number = \"1000\"\nto = \"1002\"");
    assert_eq!([found(&[first.clone(), theirs]), found(&[first, two, enough]), found(&[])], ["", "", ""]);
}
