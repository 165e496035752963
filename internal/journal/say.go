package journal

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"habilis/internal/text"
)

// Sentence says the event in words: «Bruno Lacaze a désactivé Julie Delmas».
func Sentence(t *text.Printer, e Event) string {
	key := sentenceKey + e.Verb
	if e.Refused {
		key += refusedKey
	}
	if !t.Has(key) {
		key = "journal.verb_unknown"
	}
	s := speaker{t, e}
	return t.TMap(key, map[string]any{
		"Actor": Who(t, e), "Verb": e.Verb, "Member": s.member(), "Site": s.site(), "Scope": s.scope(), "Role": s.role(),
		"Permission": s.permission(), "Email": s.named("email", e.Object), "Inviter": s.named("inviter", ""),
		"Organization": s.named("organization", ""), "Token": s.named("token", e.Object), "Name": s.named("account", ""),
		"Resource": s.named("resource", e.Object), "Group": s.named("group", e.Object), "Title": s.named("subject", ""),
		"Webhook": s.named("webhook", e.Object),
	})
}

// Predicate is the sentence without its subject, where that stands beside: «a désactivé
// Julie Delmas».
func Predicate(t *text.Printer, e Event) string {
	return strings.TrimSpace(strings.TrimPrefix(Sentence(t, e), Who(t, e)))
}

// Who names the actor, as far as the reader may know: «Le jeton « Paie »».
func Who(t *text.Printer, e Event) string {
	a := e.Actor
	switch {
	case a.Outside && a.Kind == "token":
		return t.T("journal.who.outside_token")
	case a.Outside:
		return t.T("journal.who.outside")
	case a.Kind == "anonymous":
		return t.T("journal.who.anonymous")
	case a.Kind == "system":
		return t.T("journal.who.system")
	}
	name := a.Name
	if name == "" {
		name = e.Labels[a.ID]
	}
	switch {
	case name == "":
		return t.T("journal.who.erased")
	case a.Kind == "token" || a.Kind == "platform_token":
		return t.T("journal.who.token", "Name", name)
	}
	return name
}

// Reason says why an act was refused, as the person was told; empty for one that was done.
func Reason(t *text.Printer, e Event) string {
	key := "fault." + e.Code
	switch {
	case !e.Refused:
		return ""
	case t.Has(key) && !strings.Contains(t.T(key), "<no value>"):
		return t.T(key)
	}
	return e.Code
}

// Via says through which door: «Pages web».
func Via(t *text.Printer, e Event) string {
	if key := "journal.via." + e.Via; t.Has(key) {
		return t.T(key)
	}
	return e.Via
}

// Place names the site of the event; empty for the whole organisation.
func Place(t *text.Printer, e Event) string {
	if e.Site.IsZero() {
		return ""
	}
	return speaker{t, e}.site()
}

// MemberName names the member that the event is about; empty when it is about none.
func MemberName(t *text.Printer, e Event) string {
	if e.Subject.IsZero() && e.Names["member"] == "" {
		return ""
	}
	return speaker{t, e}.member()
}

// speaker names what stands in an event.
type speaker struct {
	t *text.Printer
	e Event
}

// named is a name of that moment, else today's of the ID, else why there is none.
func (s speaker) named(key, id string) string {
	switch {
	case s.e.Names[key] != "":
		return s.e.Names[key]
	case s.e.Labels[id] != "":
		return s.e.Labels[id]
	case s.e.Erased:
		return s.t.T("journal.who.erased")
	}
	return s.t.T("journal.unnamed")
}

func (s speaker) member() string {
	if s.e.Subject.IsZero() && s.e.Names["member"] == "" && !s.e.Erased {
		return s.t.T("journal.someone")
	}
	return s.named("member", s.e.Subject.String())
}

func (s speaker) site() string { return s.named("site", s.e.Site.String()) }

// scope says where a right holds.
func (s speaker) scope() string {
	if s.e.Site.IsZero() {
		return s.t.T("journal.whole")
	}
	return s.site()
}

func (s speaker) role() string {
	for _, facts := range []map[string]any{s.e.After, s.e.Before} {
		if code, _ := facts["built_in"].(string); code != "" && s.t.Has("role."+code) {
			return s.t.T("role." + code)
		}
		if id, _ := facts["role"].(string); s.e.Labels[id] != "" {
			return s.word("role", id)
		}
	}
	return s.named("role", "")
}

func (s speaker) permission() string {
	for _, facts := range []map[string]any{s.e.After, s.e.Before} {
		if p, _ := facts["permission"].(string); p != "" {
			return s.word("permission", p)
		}
	}
	return s.t.T("journal.unnamed")
}

// words are the codes of a fact that the catalogue has words for.
var words = map[string]string{
	"permission": "permission.", "permissions": "permission.", "function": "function.", "built_in": "role.", "enamel": "enamel.",
	"kind": "kind.", "welcome": "welcome.", "profile_type": "profile.", "messaging_reach": "reach.", "reach": "reach.",
	"status": "status.", "outcome": "journal.outcome.", "administration": "scope.", "scope": "scope.", "language": "language.",
	"paper": "paper.kind.", "papers": "paper.kind.", "papers_of": "paper.line.", "scan": "document.scan.",
	"item_kind": "workitem.kind.", "item_state": "workitem.state.",
	"verification": "verification.", "reasons": "dossier.reason.", "ruling": "verification.ruling.",
	"kinds": "event.kind.", "stopped_because": "webhook.because.",
	"settings_language": "settings.language.", "settings_own": "settings.own.", "calendar_view": "settings.view.",
	"first_day": "settings.day.", "settings_channels": "settings.channels.", "weekday": "settings.day.",
	"stage": "departure.stage.", "what": "departure.what.", "refused_because": "fault.",
	"review_decision": "review.choice.", "review_outcome": "review.outcome.", "review_by": "review.by.",
	"verbs": "journal.verb.", "type": "resource.type.", "act": "delegation.act.",
}

// word says one value of a fact: an ID by its name, a code by its words.
func (s speaker) word(field, v string) string {
	if name := s.e.Labels[v]; name != "" {
		if strings.HasPrefix(name, "role.") && s.t.Has(name) {
			return s.t.T(name)
		}
		return name
	}
	if strings.HasPrefix(field, "settings_alert_") {
		field = "settings_channels"
	}
	switch key := words[field] + v; {
	case v == "organization" && (field == "scope" || field == "administration"):
		return s.t.T("journal.whole")
	case words[field] != "" && field != "verbs" && s.t.Has(key):
		return s.t.T(key)
	}
	if at, err := time.Parse(time.RFC3339Nano, v); err == nil {
		return s.t.DateTime(at)
	}
	if day, err := time.ParseInLocation(time.DateOnly, v, text.Zone); err == nil {
		return s.t.Date(day)
	}
	return v
}

// Change is one detail of before and after, in words.
type Change struct{ Field, Label, Before, After string }

// Changes says what changed, field by field.
func Changes(t *text.Printer, e Event) []Change {
	s := speaker{t, e}
	var list []Change
	for _, field := range fieldsOf(e) {
		if field == "built_in" {
			continue // the role's name says it
		}
		c := Change{Field: field, Label: field}
		if key := "journal.field." + field; t.Has(key) {
			c.Label = t.T(key)
		}
		if v, ok := e.Before[field]; ok {
			c.Before = s.value(field, v)
		}
		if v, ok := e.After[field]; ok {
			c.After = s.value(field, v)
		}
		list = append(list, c)
	}
	return list
}

// value says a value of a fact in words.
func (s speaker) value(field string, v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return s.word(field, v)
	case bool:
		if v {
			return s.t.T("journal.yes")
		}
		return s.t.T("journal.no")
	case float64:
		if v == float64(int(v)) {
			return s.t.Number(int(v))
		}
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		return s.list(field, v)
	case map[string]any:
		return s.facts(v)
	}
	return fmt.Sprint(v)
}

func (s speaker) list(field string, list []any) string {
	if len(list) == 0 {
		return s.t.T("journal.none")
	}
	parts := make([]string, 0, min(len(list), listed+1))
	for _, x := range list[:min(len(list), listed)] {
		parts = append(parts, s.value(field, x))
	}
	if n := len(list) - listed; n > 0 {
		parts = append(parts, s.t.T("journal.more", "Count", n))
	}
	return s.t.List(parts)
}

// listed bounds what is said of a list: a change of rights may have 2,000 lines.
const listed = 50

// facts says a value that has parts: a role with its scope reads «Secrétariat (Nord)».
func (s speaker) facts(m map[string]any) string {
	if _, isLevel := m["level"]; isLevel && m["resource"] != nil {
		return s.level(m)
	}
	if act, isAct := m["act"].(string); isAct && m["identity"] != nil {
		who := m["delegate"]
		if who == nil {
			who = m["member"]
		}
		return s.t.T("journal.delegation",
			"Member", s.value("member", who), "Act", s.value("act", act), "Resource", s.value("identity", m["identity"]))
	}
	if of, asked := m["papers_of"]; asked {
		return s.t.T("journal.of_member", "Member", s.value("papers_of", of), "What", s.value("papers", m["papers"]))
	}
	if n, is := m["characters"].(float64); is {
		return s.t.T("journal.characters", "Count", int(n))
	}
	if day, is := m["weekday"]; is {
		return s.t.T("journal.of_member", "Member", s.value("weekday", day), "What", s.value("hours", m["hours"]))
	}
	if m["member"] != nil && m["scope"] == nil {
		return s.ofMember(m)
	}
	scope, scoped := m["scope"]
	for _, key := range []string{"role", "permission"} {
		if v, ok := m[key]; ok && scoped {
			said := s.value(key, v) + " (" + s.value("scope", scope) + ")"
			if m["member"] != nil {
				return s.t.T("journal.of_member", "Member", s.value("member", m["member"]), "What", said)
			}
			return said
		}
	}
	return s.labelled(m)
}

// labelled says each part after the name of its field.
func (s speaker) labelled(m map[string]any) string {
	var parts []string
	for _, key := range sorted(m) {
		label := key
		if k := "journal.field." + key; s.t.Has(k) {
			label = s.t.T(k)
		}
		parts = append(parts, label+" "+s.value(key, m[key]))
	}
	return s.t.List(parts)
}

// ofMember says what somebody has: «Julie Delmas : Pédiatrie», or themself in a list that
// says of what.
func (s speaker) ofMember(m map[string]any) string {
	who := s.value("member", m["member"])
	for _, key := range []string{"name", "site"} {
		if v, ok := m[key]; ok {
			return s.t.T("journal.of_member", "Member", who, "What", s.value(key, v))
		}
	}
	return who
}

// level says who has what on which resource: «Julie Delmas, Dr Morvan : Lecture».
func (s speaker) level(m map[string]any) string {
	resource, _ := m["resource"].(string)
	level, _ := m["level"].(string)
	kind := "agenda"
	if strings.HasPrefix(resource, "msg_") {
		kind = "messaging_profile"
	}
	if key := "level." + kind + "." + level; s.t.Has(key) {
		level = s.t.T(key)
	}
	key := "journal.level"
	if m["until"] != nil {
		key = "journal.level_until"
	}
	return s.t.T(key, "Member", s.value("member", m["member"]), "Resource", s.value("name", m["name"]), "Level", level,
		"Until", s.value("until", m["until"]))
}

// asJSON writes facts as a program reads them; empty when there are none.
func asJSON(facts map[string]any) string {
	if len(facts) == 0 {
		return ""
	}
	b, err := json.Marshal(facts)
	if err != nil {
		panic("journal: facts: " + err.Error()) // what was read as JSON can be written as JSON
	}
	return string(b)
}
