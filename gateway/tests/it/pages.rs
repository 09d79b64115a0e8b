//! The portal's pages of sharing and of the catalogue: a whole case by forms, and who sees which page and which step.

use axum::http::Request;
use serde_json::{Value, json};

use crate::sharing::Desk;
use crate::world::{AUTHORITY, OTHER, POLICE, REGISTRAR};

struct Page {
    status: u16,
    location: String,
    text: String,
}

/// Asks as a browser does; `who` as [`Desk::token`] has it, empty = nobody.
async fn browse(desk: &Desk, who: &str, path: &str, form: Option<&str>) -> Page {
    let mut request = Request::builder().uri(path).header("accept-language", "en");
    if !who.is_empty() {
        request = request.header("cookie", format!("natbase-token={}", desk.token(who)));
    }
    let request = match form {
        Some(_) => request.method("POST").header("content-type", "application/x-www-form-urlencoded"),
        None => request.method("GET"),
    };
    let body = form.unwrap_or_default().to_owned();
    let response = desk.world.send(request.body(body.into()).expect("a request")).await;
    let location = response.headers().get("location").and_then(|l| l.to_str().ok()).unwrap_or_default().to_owned();
    let policy = response.headers().get("content-security-policy").map(|p| p.to_str().expect("text").to_owned());
    let status = response.status().as_u16();
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.expect("a body");
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(text.is_empty() || policy.is_some_and(|p| p.contains("default-src 'none'")), "{path}: {status} {text}");
    assert!(!text.contains("<script"), "{path}");
    Page { status, location, text }
}

/// Steps that a page offers.
fn offered(page: &Page) -> Vec<String> {
    let forms = page.text.split("name=\"step\" value=\"").skip(1);
    forms.map(|rest| rest.split('"').next().expect("a value").to_owned()).collect()
}

const TERMS: &str =
    "purpose=%E5%8A%9E%E7%90%86%E7%A4%BE%E4%BF%9D&ground=%E7%A4%BE%E4%BF%9D%E6%B3%95&from=2026-11-01&to=2027-11-01";

async fn begun(desk: &Desk) -> String {
    let form = format!("dataset=population%2Fpersons&f.citizen_id=fields&f.name=masked&f.sex=&{TERMS}");
    let page = browse(desk, OTHER, "/sharing/new?lang=en", Some(&form)).await;
    assert_eq!(page.status, 303, "{}", page.text);
    page.location.strip_prefix("/sharing/").and_then(|rest| rest.split('?').next()).expect("a case").to_owned()
}

#[tokio::test]
async fn a_request_goes_its_way_by_forms_and_each_sees_his_own_steps() {
    let desk = Desk::new();
    let (head_asks, head_gives) = (format!("!{OTHER}"), format!("!{POLICE}"));
    let dataset = browse(&desk, OTHER, "/datasets/population/persons?lang=en", None).await;
    assert!(dataset.text.contains("/sharing/new?dataset=population%2Fpersons"), "{}", dataset.text);
    assert!(!browse(&desk, "", "/datasets/population/persons", None).await.text.contains("/sharing/new"));
    let form = browse(&desk, OTHER, "/sharing/new?dataset=population%2Fpersons&lang=en", None).await;
    assert_eq!((form.status, form.text.contains("name=\"f.name\" value=\"masked\"")), (200, true));
    let id = begun(&desk).await;
    let path = format!("/sharing/{id}?lang=en");
    let case = desk.ask(OTHER, "GET", &format!("/api/v1/sharing/requests/{id}"), Value::Null).await.1;
    assert_eq!((&case["asked"]["fields"], &case["asked"]["masked"]), (&json!(["citizen_id"]), &json!(["name"])));
    assert_eq!(browse(&desk, POLICE, &path, None).await.status, 404, "a draft is the requester's alone");
    let steps: [(&str, &str, &str, &[&str]); 5] = [
        (OTHER, "revise", "purpose=%E5%8F%A6%E4%B8%80", &["revise", "withdraw"]),
        (&head_asks, "sign", "", &["revise", "sign", "withdraw"]),
        (OTHER, "submit", "", &["submit", "withdraw"]),
        (&head_gives, "consent", "reason=%E9%94%80%E6%AF%81", &["need_more", "ask_extension", "consent", "refuse"]),
        (POLICE, "deliver", "", &["deliver"]),
    ];
    for (who, step, said, expected) in steps {
        let page = browse(&desk, who, &path, None).await;
        assert_eq!(offered(&page), expected, "{who} before {step}");
        let taken = browse(&desk, who, &path, Some(&format!("step={step}&{said}"))).await;
        assert_eq!((taken.status, taken.location.as_str()), (303, path.as_str()), "{step}: {}", taken.text);
    }
    let page = browse(&desk, OTHER, &path, None).await;
    for shown in ["in force", "Sign off", "Consented to", "销毁", "007", "另一"] {
        assert!(page.text.contains(shown), "{shown}: {}", page.text);
    }
    assert!(offered(&page).contains(&"relinquish".to_owned()) && !offered(&page).contains(&"suspend".to_owned()));
    // The grant is in force: the page did what the interface does.
    assert_eq!(desk.use_it(&id).await.0, 200);
    // Who offers nothing sees nothing to do; another department sees no case.
    assert_eq!(browse(&desk, REGISTRAR, &path, None).await.status, 404);
    assert_eq!(offered(&browse(&desk, AUTHORITY, &path, None).await), ["report_misuse"]);
    let list = browse(&desk, POLICE, "/sharing?lang=en", None).await;
    assert!(list.text.contains(&id) && list.text.contains("in force"), "{}", list.text);
    assert!(!browse(&desk, REGISTRAR, "/sharing?lang=en", None).await.text.contains(&id));
}

#[tokio::test]
async fn what_is_overdue_is_marked_and_whose_turn_it_is_is_said() {
    let desk = Desk::new();
    let id = begun(&desk).await;
    for (who, step) in [(format!("!{OTHER}"), "sign"), (OTHER.to_owned(), "submit")] {
        assert_eq!(desk.step(&who, &id, step, json!({})).await.0, 200);
    }
    let list = browse(&desk, POLICE, "/sharing?lang=en", None).await;
    assert!(list.text.contains("waits for the answer") && list.text.contains("2026-1"), "{}", list.text);
    assert!(!list.text.contains("tag warn\">Overdue"));
    assert!(!browse(&desk, POLICE, "/sharing?lang=en&overdue=true", None).await.text.contains(&id));
    let later = desk.world.app.clock.now().0 + 40 * 86_400_000_000;
    desk.world.clock.set(foundation::value::Instant(later));
    let list = browse(&desk, POLICE, "/sharing?lang=en&overdue=true", None).await;
    assert!(list.text.contains(&id) && list.text.contains("tag warn\">Overdue"), "{}", list.text);
    let page = browse(&desk, POLICE, &format!("/sharing/{id}?lang=en"), None).await;
    assert!(page.text.contains("not answered in time") && page.text.contains("article 21"), "{}", page.text);
}

#[tokio::test]
async fn forms_are_held_to_the_rules_of_the_interface() {
    let desk = Desk::new();
    let id = begun(&desk).await;
    let path = format!("/sharing/{id}?lang=en");
    for (who, form, status, says) in [
        (OTHER, "step=submit", 409, "does not follow"),
        (OTHER, "step=sign", 403, ""),
        (OTHER, "step=draft", 404, ""),
        (OTHER, "step=", 404, ""),
        (OTHER, "", 404, ""),
        (OTHER, "step=withdraw&owner=me", 400, "owner"),
        (OTHER, "step=revise&from=2026-11-01&from=2026-11-02", 400, "more than once"),
        (OTHER, "step=revise&from=yesterday", 422, ""),
        (OTHER, "step=revise&fields=nothing", 422, "nothing"),
        (POLICE, "step=consent", 404, ""),
        ("", "step=withdraw", 403, ""),
    ] {
        let page = browse(&desk, who, &path, Some(form)).await;
        assert_eq!(page.status, status, "{who} {form}: {}", page.text);
        assert!(page.text.contains(says), "{form}: {}", page.text);
    }
    let case = desk.ask(OTHER, "GET", &format!("/api/v1/sharing/requests/{id}"), Value::Null).await.1;
    assert_eq!((case["state"].as_str(), case["events"].as_array().map(Vec::len)), (Some("draft"), Some(1)));
    for (form, says) in [
        ("dataset=population%2Fpersons".to_owned(), "missing"),
        (format!("dataset=population%2Fpersons&{TERMS}"), "both empty"),
        (format!("dataset=population%2Fpersons&f.nothing=fields&{TERMS}"), "nothing"),
        (format!("dataset=population%2Fpersons&f.name=fields&department={POLICE}&{TERMS}"), "department"),
    ] {
        let page = browse(&desk, OTHER, "/sharing/new?lang=en", Some(&form)).await;
        assert!([400, 422].contains(&page.status) && page.text.contains(says), "{form}: {} {}", page.status, page.text);
    }
    // What another site sends is not looked at.
    let token = desk.token(OTHER);
    for to in [path.as_str(), "/sharing/new"] {
        let foreign =
            Request::post(to).header("cookie", format!("natbase-token={token}")).header("sec-fetch-site", "cross-site");
        let foreign = foreign.header("content-type", "application/x-www-form-urlencoded");
        let response = desk.world.send(foreign.body("step=withdraw".into()).expect("a request")).await;
        assert_eq!(response.status(), 403, "{to}");
    }
}

#[tokio::test]
async fn who_is_not_signed_in_is_shown_the_way_and_comes_back() {
    let desk = Desk::new();
    for path in
        ["/accesses", "/sharing", "/sharing/C-1", "/sharing/new?dataset=population%2Fpersons", "/sharing?overdue=true"]
    {
        let page = browse(&desk, "", path, None).await;
        assert_eq!(page.status, 403, "{path}");
        let next = percent_encoding::utf8_percent_encode(path, percent_encoding::NON_ALPHANUMERIC).to_string();
        let next = next.replace("%2D", "-").replace("%2E", ".").replace("%5F", "_");
        let link = format!("/sign-in?lang=en&amp;next={next}");
        let text = page.text.replace("&#38;", "&amp;");
        assert!(text.contains(&format!("class=\"button go\" href=\"{link}\"")), "{path}: {text}");
    }
    // Who is signed in and may not is not sent to sign in again.
    let page = browse(&desk, OTHER, "/accesses", None).await;
    assert_eq!((page.status, page.text.contains("button go")), (403, false));
    // A token that does not hold any more is forgotten, and the way is shown.
    let request =
        Request::get("/sharing").header("cookie", "natbase-token=aaa.bbb.ccc").header("accept-language", "en");
    let response = desk.world.send(request.body("".into()).expect("a request")).await;
    assert_eq!(response.status(), 401);
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.expect("a body");
    assert!(String::from_utf8_lossy(&bytes).contains("next=%2Fsharing"));
}

#[tokio::test]
async fn entries_of_the_catalogue_are_shown_as_they_are_announced() {
    let desk = Desk::new();
    let all = browse(&desk, "", "/entries?lang=en", None).await;
    assert_eq!(all.status, 200, "{}", all.text);
    assert!(all.text.contains("/entries/culture:works?lang=en") && all.text.contains("announced"), "{}", all.text);
    let one = browse(&desk, "", "/entries/culture:works?lang=en", None).await;
    assert_eq!(one.status, 200, "{}", one.text);
    for shown in ["/datasets/culture/works", "title", "Announced", "announced"] {
        assert!(one.text.contains(shown), "{shown}: {}", one.text);
    }
    assert_eq!(browse(&desk, "", "/entries/nothing", None).await.status, 404);
    assert_eq!(browse(&desk, "", "/entries?colour=red", None).await.status, 400);
    assert_eq!(browse(&desk, "", "/entries/culture:works?valid-at=soon", None).await.status, 400);
}
