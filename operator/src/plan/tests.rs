use serde_json::{Value, json};

use super::*;
use crate::declarations::model::Declared;
use crate::declarations::{self};
use crate::fixture::{Directory, SOUND};
use crate::report::{self, Detail};

/// What `declared` results in for a deployment.
fn derive(declared: &Declared) -> Vec<Desired> {
    super::derive(declared, Destination::Cloudflare)
}

fn declared(text: &str) -> Declared {
    let directory = Directory::of(&[("a.toml", text)]);
    let checked = declarations::check(declarations::load(directory.path()).unwrap());
    assert!(checked.problems.iter().all(|problem| !problem.is_error()), "{:?}", checked.problems);
    checked.declared
}

/// The store once everything that `text` declares has been written at `at`.
fn stored(text: &str, at: u64) -> Stored {
    let plan = make(derive(&declared(text)), &Stored::default(), Timestamp(at));
    let entries = plan.writes.iter().map(|write| write.content.entry(None));
    let mut stored = Stored::default();
    for entry in entries {
        stored.listing.insert(entry.key.clone(), Some(entry.metadata.digest));
        stored.values.insert(entry.key, entry.value);
    }
    stored
}

fn value(stored: &Stored, key: &str) -> Value {
    serde_json::from_str(&stored.values[key]).unwrap()
}

fn changes(plan: &Plan) -> Vec<(String, Change)> {
    plan.writes.iter().map(|write| (write.key.clone(), write.change.clone())).collect()
}

const TWO_INSTALLS: &str = r#"
[[install]]
name = "Lisbon"
instances = ["acme", "globex"]
[[install]]
name = "Porto"
instances = ["globex"]
[[install]]
name = "Empty"
[[instance]]
id = "01KAS5D3M0ACME000000000001"
name = "acme"
[[instance]]
id = "01KAS5D3M0G10BEX0000000001"
name = "globex"
[[host]]
host = "acme.example"
instance = "acme"
[[host]]
host = "*.globex.example"
instance = "globex"
"#;

/// `text` as a demonstration and without the install `Empty`, so that it causes no warnings.
fn demo(text: &str) -> String {
    format!("demo = true\n{text}").replace("[[install]]\nname = \"Empty\"\n", "")
}

#[test]
fn what_an_install_serves_and_where_a_host_leads_is_computed() {
    let stored = stored(&demo(TWO_INSTALLS), 1);
    assert_eq!(value(&stored, "install:lisbon")["serves"], "many");
    assert_eq!(value(&stored, "install:porto")["serves"], json!({ "one": "01KAS5D3M0G10BEX0000000001" }));
    assert_eq!(value(&stored, "instance:01KAS5D3M0G10BEX0000000001")["installs"], json!(["lisbon", "porto"]));
    assert_eq!(value(&stored, "host:acme.example")["install"], "Lisbon");
    assert_eq!(value(&stored, "host:*.globex.example").get("install"), None);
}

#[test]
fn what_others_lead_to_is_written_first() {
    let plan = make(derive(&declared(SOUND)), &Stored::default(), Timestamp(1));
    let keys: Vec<&str> = plan.writes.iter().map(|write| write.key.split(':').next().unwrap()).collect();
    assert_eq!(keys, ["instance", "install", "agent", "email", "instance-name", "host"]);
}

#[test]
fn what_stands_as_declared_is_left_alone_without_reading_it() {
    let stored = stored(SOUND, 1);
    let desired = derive(&declared(SOUND));
    assert_eq!(needed_values(&desired, &stored.listing), [""; 0]);
    let plan = make(desired, &Stored { values: HashMap::new(), ..stored }, Timestamp(2));
    assert!(plan.is_empty());
    assert_eq!(plan.unchanged, 6);
}

#[test]
fn a_changed_agent_keeps_the_time_of_a_password_that_is_the_same() {
    let stored = stored(SOUND, 1);
    let changed = declared(&SOUND.replace("name = \"Desk1\"", "name = \"Desk One\"\nlanguage = \"de\""));
    let desired = derive(&changed);
    assert_eq!(needed_values(&desired, &stored.listing), ["agent:01KAS5D3M0ACME000000000001:desk1"]);
    let plan = make(desired, &stored, Timestamp(2));
    let fields = vec!["name".to_owned(), "language".to_owned()];
    assert_eq!(changes(&plan), [("agent:01KAS5D3M0ACME000000000001:desk1".to_owned(), Change::Changed(fields))]);
    let written: Value = serde_json::from_str(&plan.writes[0].content.entry(None).value).unwrap();
    assert_eq!(written["password"]["set_at"], 1);
}

#[test]
fn another_hash_is_another_password_set_now() {
    let stored = stored(SOUND, 1);
    let plan = make(
        derive(&declared(&SOUND.replace("b25lY29udGFjdC1leGFtcGw", "b25lY29udGFjdC1hbm90aGU"))),
        &stored,
        Timestamp(2),
    );
    assert_eq!(plan.writes[0].change, Change::Changed(vec!["password".to_owned()]));
    let written: Value = serde_json::from_str(&plan.writes[0].content.entry(None).value).unwrap();
    assert_eq!(written["password"]["set_at"], 2);
}

/// The sound directory, with the password in the clear.
fn clear(password: &str) -> String {
    let hash = SOUND.lines().last().unwrap();
    format!("demo = true\n{}", SOUND.replace(hash, &format!("password = \"{password}\"")))
}

#[test]
fn another_password_counts_as_set_after_the_one_before_it_whatever_the_clock_of_that_one_said() {
    let stored = stored(SOUND, 1_000);
    let set_at = |text: &str| {
        let plan = make(derive(&declared(text)), &stored, Timestamp(2));
        let written: Value = serde_json::from_str(&plan.writes[0].content.entry(None).value).unwrap();
        written["password"]["set_at"].clone()
    };
    assert_eq!(set_at(&SOUND.replace("b25lY29udGFjdC1leGFtcGw", "b25lY29udGFjdC1hbm90aGU")), 1_001);
    assert_eq!(set_at(&clear("another one, too")), 1_001);
}

#[test]
fn a_clear_password_that_fits_what_stands_changes_nothing() {
    let mut stored = stored(SOUND, 1);
    let desired = derive(&declared(&clear("an example, never in use")));
    let key = "agent:01KAS5D3M0ACME000000000001:desk1".to_owned();
    assert_eq!(needed_values(&desired, &stored.listing), [key.as_str()]);
    let candidates = passwords_to_check(&desired, &stored.values);
    assert_eq!((candidates.len(), candidates[0].0), (1, key.as_str()));
    stored.fitting.insert(key.clone());
    assert!(make(desired, &stored, Timestamp(2)).is_empty());

    stored.fitting.clear();
    let plan = make(derive(&declared(&clear("another one, too"))), &stored, Timestamp(2));
    assert_eq!(changes(&plan), [(key, Change::Changed(vec!["password".to_owned()]))]);
    assert_eq!(plan.writes[0].content.unhashed().unwrap().0.reveal(), "another one, too");
}

#[test]
fn whose_declared_password_is_other_than_before_is_counted_and_said() {
    let stored = stored(SOUND, 1);
    let plan = |text: &str, stored: &Stored| make(derive(&declared(text)), stored, Timestamp(2));
    let another = SOUND.replace("b25lY29udGFjdC1leGFtcGw", "b25lY29udGFjdC1hbm90aGU");
    for text in [another.as_str(), &clear("another one, too")] {
        let told = report::Summary(&plan(text, &stored)).to_string();
        let line = "Passwords: 1 agent gets a new declared one; any password such an agent has chosen since no longer \
                    counts, and sign-ins at OneContactLogin end.\n";
        assert!(told.contains(line), "{told}");
    }
    // Having to change a password does not make it a different one, and neither does declaring it for somebody new.
    let must_change = SOUND.replace("name = \"Desk1\"", "name = \"Desk One\"\nmust_change = true");
    let unchanged = plan(&must_change, &stored);
    assert_eq!((unchanged.writes.len(), unchanged.passwords_replaced()), (1, 0));
    assert_eq!(plan(SOUND, &Stored::default()).passwords_replaced(), 0);
    // A record that cannot be read is written anew, with a password that is set now.
    let mut damaged = self::stored(SOUND, 1);
    let key = "agent:01KAS5D3M0ACME000000000001:desk1";
    damaged.listing.insert(key.to_owned(), None);
    damaged.values.insert(key.to_owned(), "nonsense".to_owned());
    assert_eq!(plan(SOUND, &damaged).passwords_replaced(), 1);
}

#[test]
fn what_is_declared_no_longer_goes_and_an_instance_stays_as_retired() {
    let stored = stored(SOUND, 1);
    let other = demo(TWO_INSTALLS).replace("acme", "initech").replace("01KAS5D3M0ACME", "01KAS5D3M01N1T");
    let desired = derive(&declared(&other));
    assert_eq!(needed_values(&desired, &stored.listing), ["install:lisbon", "instance:01KAS5D3M0ACME000000000001"]);
    let plan = make(desired, &stored, Timestamp(2));
    let removed: Vec<(&str, &str)> = plan.removals.iter().map(|r| (r.key.as_str(), r.label.as_str())).collect();
    assert_eq!(
        removed,
        [
            ("instance:01KAS5D3M0ACME000000000001", "acme (01KAS5D3M0ACME000000000001)"),
            ("host:acme.example", "acme.example"),
            ("instance-name:acme", "acme"),
            ("email:01KAS5D3M0ACME000000000001:desk1@acme.example", "acme/desk1@acme.example"),
            ("agent:01KAS5D3M0ACME000000000001:desk1", "acme/desk1"),
        ]
    );
    let retired: Value = serde_json::from_str(&plan.removals[0].leaves.as_ref().unwrap().value).unwrap();
    assert_eq!((&retired["retired"], &retired["installs"]), (&json!(true), &json!([])));
    assert_eq!((plan.agents_removed(), plan.agents_before), (1, 1));
}

/// The store with the one instance of `SOUND` retired.
fn retired() -> Stored {
    let mut stored = stored(SOUND, 1);
    let plan = make(Vec::new(), &stored, Timestamp(2));
    let entry = plan.removals[0].leaves.clone().unwrap();
    stored.listing = [(entry.key.clone(), Some(entry.metadata.digest))].into();
    stored.values = [(entry.key, entry.value)].into();
    stored
}

#[test]
fn a_retired_instance_stays_retired_and_is_not_removed_again() {
    let plan = make(Vec::new(), &retired(), Timestamp(3));
    assert!(plan.is_empty());
}

#[test]
fn a_retired_id_comes_back_as_itself_and_never_as_another() {
    let plan = make(derive(&declared(SOUND)), &retired(), Timestamp(3));
    assert_eq!(plan.refusals, [""; 0]);
    assert!(plan.writes.iter().any(|write| write.change == Change::Changed(vec!["installs".into(), "retired".into()])));

    let told = report::text(&plan, Detail::Short);
    assert!(
        told.contains(
            "~ instance acme (01KAS5D3M0ACME000000000001): installs, retired (it was retired, and returns with everything \
             its agents had)\n"
        ),
        "{told}"
    );

    let other = SOUND.replace("\"acme\"", "\"initech\"");
    let plan = make(derive(&declared(&other)), &retired(), Timestamp(3));
    assert!(plan.refusals[0].contains("belonged to the instance \"acme\", which is retired"), "{:?}", plan.refusals);
}

#[test]
fn renaming_an_instance_moves_its_name_and_touches_no_account() {
    let stored = stored(SOUND, 1);
    let plan = make(derive(&declared(&SOUND.replace("\"acme\"", "\"initech\""))), &stored, Timestamp(2));
    let keys: Vec<String> = changes(&plan).into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["instance:01KAS5D3M0ACME000000000001", "instance-name:initech"]);
    let gone: Vec<&str> = plan.removals.iter().map(|removal| removal.key.as_str()).collect();
    assert_eq!(gone, ["instance-name:acme"]);
}

#[test]
fn records_of_other_kinds_are_left_alone() {
    let listing: Listing = [("queue:01:1001".to_owned(), None), ("recorder:main".to_owned(), None)].into();
    assert!(make(Vec::new(), &Stored { listing, ..Stored::default() }, Timestamp(1)).is_empty());
}

#[test]
fn a_record_of_a_newer_version_is_not_written_over_and_a_damaged_one_is() {
    let mut stored = stored(SOUND, 1);
    let key = "agent:01KAS5D3M0ACME000000000001:desk1";
    stored.listing.insert(key.to_owned(), None);
    stored.values.insert(key.to_owned(), "{\"v\":99}".to_owned());
    let plan = make(derive(&declared(SOUND)), &stored, Timestamp(2));
    assert!(plan.refusals[0].contains("agent acme/desk1 was written by a newer version"), "{:?}", plan.refusals);

    let mut other = self::stored(SOUND, 1);
    other.listing.insert("host:acme.example".to_owned(), None);
    other.values.insert("host:acme.example".to_owned(), "{\"v\":99}".to_owned());
    let plan = make(derive(&declared(SOUND)), &other, Timestamp(2));
    assert!(plan.refusals[0].contains("host acme.example was written by a newer version"), "{:?}", plan.refusals);

    stored.values.insert(key.to_owned(), "nonsense".to_owned());
    let plan = make(derive(&declared(SOUND)), &stored, Timestamp(2));
    assert_eq!((plan.refusals.len(), plan.writes.len()), (0, 1));
}

#[test]
fn a_service_has_the_ids_of_its_instances_and_goes_when_it_is_declared_no_longer() {
    let service = r#"
[[service]]
name = "supervisor"
id = "01KAS7Q0V4SVC0000000000001"
scopes = ["sessions:end"]
instances = ["acme"]
keys = [{ kid = "k1", x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }]
"#;
    let with = format!("{SOUND}{service}");
    let stood = stored(&with, 1);
    assert_eq!(
        value(&stood, "service:supervisor"),
        json!({
            "v": 1, "name": "supervisor", "id": "01KAS7Q0V4SVC0000000000001", "scopes": ["sessions:end"],
            "keys": [{ "kid": "k1", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }],
            "instances": { "only": ["01KAS5D3M0ACME000000000001"] },
        })
    );
    let everywhere = stored(&with.replace("instances = [\"acme\"]\nkeys", "instances = [\"*\"]\nkeys"), 1);
    assert_eq!(value(&everywhere, "service:supervisor")["instances"], "all");
    let plan = make(derive(&declared(SOUND)), &stood, Timestamp(2));
    assert_eq!((plan.writes.len(), plan.removals[0].key.as_str()), (0, "service:supervisor"));
    assert!(plan.removals[0].is_of_a_declaration());
}

#[test]
fn a_client_has_the_ids_of_its_instances_and_goes_when_it_is_declared_no_longer() {
    let client = r#"
[login]
address = "https://login.example"
[[client]]
id = "acme-crm"
redirect_uris = ["https://crm.example/cb"]
secret_hashes = ["bgcEOOHIh0FvOBPfqtt1v5mZHcGXAwfQL4IHfRdVdCg"]
instances = ["acme"]
"#;
    let with = format!("{SOUND}{client}");
    let stood = stored(&with, 1);
    assert_eq!(
        value(&stood, "client:acme-crm"),
        json!({
            "v": 1, "id": "acme-crm", "display_name": "acme-crm", "redirect_uris": ["https://crm.example/cb"],
            "auth": { "secret": ["bgcEOOHIh0FvOBPfqtt1v5mZHcGXAwfQL4IHfRdVdCg"] }, "id_token_alg": "EdDSA",
            "instances": ["01KAS5D3M0ACME000000000001"],
        })
    );
    let plan = make(derive(&declared(SOUND)), &stood, Timestamp(2));
    assert_eq!(plan.removals[0].key, "client:acme-crm");
    assert!(plan.removals[0].is_of_a_declaration());
}

#[test]
fn what_is_declared_of_presence_overtime_and_audiences_stands_in_the_install() {
    let fields = "overtime_minutes = 60\naudiences = [\"routing\"]\npresence = { logged_out_seconds = 600 }\n";
    let stored = stored(&SOUND.replace("name = \"Lisbon\"\n", &format!("name = \"Lisbon\"\n{fields}")), 1);
    let install = value(&stored, "install:lisbon");
    assert_eq!((&install["overtime_minutes"], &install["audiences"]), (&json!(60), &json!(["routing"])));
    assert_eq!(install["presence"]["logged_out_seconds"], 600);
}

#[test]
fn what_is_declared_of_a_recorder_stands_in_the_install_and_the_instance() {
    let recorder =
        "recorder = { policy = \"required\", gateway = \"https://recorder.example\", deadline_seconds = 30 }\n";
    let declared = SOUND.replace("name = \"Lisbon\"\n", &format!("name = \"Lisbon\"\n{recorder}"));
    let declared = declared.replace("name = \"acme\"\n", "name = \"acme\"\nrecorder = { policy = \"off\" }\n");
    let stored = stored(&declared, 1);
    let gateway = json!({ "gateway": "https://recorder.example", "deadline_seconds": 30 });
    assert_eq!(value(&stored, "install:lisbon")["recorder"], json!({ "required": gateway }));
    assert_eq!(value(&stored, "instance:01KAS5D3M0ACME000000000001")["recorder"], "off");
}

fn numbers_of(stored: &Stored, kind: &str) -> Vec<String> {
    let mut keys: Vec<String> = stored.values.keys().filter(|key| key.starts_with(kind)).cloned().collect();
    keys.sort();
    keys
}

#[test]
fn a_range_is_a_record_for_each_number_and_one_that_is_named_alone_goes_before_it() {
    let extensions = r#"
[[extension]]
instance = "acme"
number = "0998"
to = "1002"
[[extension]]
instance = "acme"
number = "1001"
kind = "browser_phone"
agents = ["desk1"]
"#;
    let stored = stored(&format!("{SOUND}{extensions}"), 1);
    let keys = numbers_of(&stored, "extension:");
    let expected = ["0998", "0999", "1000", "1001", "1002"];
    assert_eq!(keys, expected.map(|number| format!("extension:01KAS5D3M0ACME000000000001:{number}")));
    assert_eq!(value(&stored, &keys[0])["kind"], "desk_phone");
    assert_eq!(value(&stored, &keys[0])["agents"], "all");
    assert_eq!(value(&stored, &keys[3])["kind"], "browser_phone");
    assert_eq!(value(&stored, &keys[3])["agents"], json!({ "only": ["desk1"] }));
    assert_eq!(numbers_of(&stored, "install-extension:"), [""; 0], "the install serves one instance");
}

#[test]
fn the_usual_extension_of_an_agent_need_not_be_declared_twice() {
    let key = "extension:01KAS5D3M0ACME000000000001:1001";
    let usual = SOUND.replace("name = \"Desk1\"", "name = \"Desk1\"\nextension = \"1001\"");
    let as_it_is = stored(&usual, 1);
    assert_eq!(
        (&value(&as_it_is, key)["kind"], &value(&as_it_is, key)["agents"]),
        (&"desk_phone".into(), &"all".into())
    );
    let declared = "[[extension]]\ninstance = \"acme\"\nnumber = \"1001\"\nkind = \"external\"\n";
    let declared = stored(&format!("{usual}{declared}"), 1);
    assert_eq!(value(&declared, key)["kind"], "external");
    assert_eq!(
        value(&declared, key)["usual_of"],
        serde_json::json!(["desk1"]),
        "whoever a provider vouches for does not get it"
    );
}

#[test]
fn agents_whom_a_provider_vouches_for_are_nobody_elses_business_here() {
    let mut before = stored(SOUND, 1);
    let key = "created-agent:01KAS5D3M0ACME000000000001:newcomer";
    before.listing.insert(key.to_owned(), None);
    let plan = make(derive(&declared(SOUND)), &before, Timestamp(2));
    assert!(plan.removals.is_empty() && plan.writes.iter().all(|write| write.key != key), "{plan:?}");
}

#[test]
fn an_install_for_several_instances_knows_the_numbers_of_all_of_them() {
    let extensions = r#"
[[extension]]
instance = "acme"
number = "1001"
[[extension]]
instance = "globex"
number = "1001"
to = "1002"
"#;
    let stored = stored(&format!("{}{extensions}", demo(TWO_INSTALLS)), 1);
    // Porto serves only one of them: there nobody else's number can be typed.
    assert_eq!(
        numbers_of(&stored, "install-extension:"),
        ["install-extension:lisbon:1001", "install-extension:lisbon:1002"]
    );
}

#[test]
fn agents_need_an_extension_where_there_are_any_and_nobody_says_otherwise() {
    let instance = "instance:01KAS5D3M0ACME000000000001";
    let extension = "\n[[extension]]\ninstance = \"acme\"\nnumber = \"1001\"\n";
    let requires = |text: &str| value(&stored(text, 1), instance).get("requires_extension").cloned();
    assert_eq!(requires(SOUND), None);
    assert_eq!(requires(&format!("{SOUND}{extension}")), Some(json!(true)));
    let optional = SOUND.replace("name = \"acme\"\n", "name = \"acme\"\nrequires_extension = false\n");
    assert_eq!(requires(&format!("{optional}{extension}")), None);
    let agent = SOUND.replace("name = \"Desk1\"", "name = \"Desk1\"\nrequires_extension = false");
    let stored = stored(&format!("{agent}{extension}"), 1);
    assert_eq!(value(&stored, "agent:01KAS5D3M0ACME000000000001:desk1")["requires_extension"], json!(false));
}

#[test]
fn an_extension_that_is_declared_no_longer_goes_last() {
    let extension = "\n[[extension]]\ninstance = \"acme\"\nnumber = \"1001\"\n";
    let plan = make(derive(&declared(SOUND)), &stored(&format!("{SOUND}{extension}"), 1), Timestamp(2));
    let gone: Vec<(&str, bool)> =
        plan.removals.iter().map(|removal| (removal.label.as_str(), removal.is_of_a_declaration())).collect();
    assert_eq!(gone, [("acme/1001", true)]);
}

#[test]
fn a_second_step_stands_in_the_records_where_it_is_declared() {
    let (instance, agent) = ("instance:01KAS5D3M0ACME000000000001", "agent:01KAS5D3M0ACME000000000001:desk1");
    let plain = stored(SOUND, 1);
    for (key, field) in [(instance, "second_step"), (instance, "remembers_devices"), (agent, "requires_second_step")] {
        assert_eq!(value(&plain, key).get(field), None, "{field}");
    }
    let text = SOUND
        .replace("name = \"acme\"\n", "name = \"acme\"\nsecond_step = \"optional\"\nremembers_devices = true\n")
        .replace("name = \"Desk1\"", "name = \"Desk1\"\nrequires_second_step = true");
    let declared = stored(&text, 1);
    assert_eq!(value(&declared, instance)["second_step"], json!("optional"));
    assert_eq!(value(&declared, instance)["remembers_devices"], json!(true));
    assert_eq!(value(&declared, agent)["requires_second_step"], json!(true));
}

#[test]
fn the_login_of_a_deployment_is_one_record_and_its_installs_say_whether_they_use_it() {
    let uses = SOUND.replace("name = \"Lisbon\"\n", "name = \"Lisbon\"\nuses_onecontact_login = true\n");
    let stored = stored(&format!("{uses}\n[login]\naddress = \"https://login.example/\"\n"), 1);
    let site = json!({ "v": 1, "address": "https://login.example", "session_minutes": 720 });
    assert_eq!(value(&stored, "login:site"), site);
    assert_eq!(value(&stored, "install:lisbon")["uses_onecontact_login"], true);
    let plan = make(derive(&declared(SOUND)), &stored, Timestamp(2));
    assert_eq!(plan.removals[0].key, "login:site", "it goes when it is declared no longer");
}
