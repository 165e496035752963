package internal_test

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/approval"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/directory"
	"habilis/internal/dossier"
	"habilis/internal/draft"
	"habilis/internal/enrolment"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/login"
	"habilis/internal/member"
	"habilis/internal/merge"
	"habilis/internal/org"
	"habilis/internal/report"
	"habilis/internal/resource"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
	"habilis/internal/token"
	"habilis/internal/webhook"
	"habilis/internal/workitem"
)

// openActs are the acts that anybody may try; each with its reason.
var openActs = map[string]string{
	"login.Logins.SignIn":             "signing in: the password decides",
	"login.Logins.BeginPasskeySignIn": "a challenge that names nobody, counted for each address",
	"login.Logins.SignInPasskey":      "signing in: the passkey decides",
	"login.Logins.BeginPasskeySecond": "the half decides",
	"login.Logins.BeginPasskeyHalf":   "the half decides",
	"login.Logins.Pending":            "the half decides",
	"login.Logins.Loss":               "the half decides",
	"login.Logins.AskLoss":            "the half decides",
	"login.Logins.Second":             "the half decides",
	"login.Logins.Enrol":              "the half decides",
	"login.Logins.EnrolTOTP":          "the half decides",
	"login.Logins.EnrolledTOTP":       "the half decides",
	"login.Logins.FinishEnrol":        "the half decides",
	"login.Logins.Forgot":             "asks for a letter; the answer is the same for all",
	"login.Logins.CheckReset":         "the link decides",
	"login.Logins.CheckStop":          "the link decides",
	"login.Logins.Stop":               "the link decides",
	"login.Logins.CheckStay":          "the link decides",
	"login.Logins.Stay":               "the link decides",
	"login.Logins.CheckEmail":         "the link decides",
	"login.Logins.ConfirmEmail":       "the link decides",
	"merge.Accounts.ByLink":           "the link decides",
	"merge.Accounts.UndoByLink":       "the link decides",
	"login.Logins.CheckUndoEmail":     "the link decides",
	"login.Logins.UndoEmail":          "the link decides",
	"login.Logins.Entry":              "whoever has no place is told nothing: the act that follows refuses them",
	"login.Logins.Reset":              "the link decides",
	"login.Logins.CheckSetUp":         "the link decides",
	"login.Logins.FinishSetUp":        "the link decides",
	"enrolment.Enrolments.Open":       "the link decides",
	"enrolment.Enrolments.Finish":     "the link decides",
	"session.Sessions.Authenticate":   "takes no actor: the cookie decides",
	"token.Tokens.Authenticate":       "takes no actor: the token decides",
	"dossier.Alerts.Count":            "a number beside a list: zero for whoever may see none of it",
	"approval.Approvals.Count":        "a number beside a list: zero for whoever may see none of it",
}

// ownActs are the acts of every signed-in person on what is theirs: a stranger
// to the organisation may do them, somebody not signed in may not.
var ownActs = map[string]string{
	"account.Accounts.Me":             "one's own account",
	"login.Logins.OwnAddress":         "the networks of one's own organisations",
	"login.Logins.AddAddress":         "one's own factors",
	"login.Logins.ConfirmAddress":     "one's own factors",
	"account.Accounts.EditMe":         "one's own account",
	"session.Sessions.List":           "one's own sessions",
	"session.Sessions.End":            "one's own sessions",
	"session.Sessions.EndOthers":      "one's own sessions",
	"session.Sessions.Lock":           "one's own session",
	"session.Sessions.Share":          "one's own session",
	"session.Sessions.Devices":        "one's own devices",
	"session.Sessions.EndDevice":      "one's own devices",
	"journal.Journal.SignIns":         "one's own sign-ins",
	"login.Logins.AskEmail":           "one's own address",
	"login.Logins.MayAskEmail":        "one's own address",
	"login.Logins.AskedEmail":         "one's own address",
	"login.Logins.CancelEmail":        "one's own address",
	"login.Logins.SignOut":            "one's own session",
	"login.Logins.StepUp":             "one's own session",
	"login.Logins.BeginTOTP":          "one's own factors",
	"login.Logins.PendingTOTP":        "one's own factors",
	"login.Logins.ConfirmTOTP":        "one's own factors",
	"login.Logins.Factors":            "one's own factors",
	"login.Logins.Factor":             "one's own factors",
	"login.Logins.RenameFactor":       "one's own factors",
	"login.Logins.RemoveFactor":       "one's own factors",
	"login.Logins.AskRemoval":         "one's own factors",
	"login.Logins.KeepFactor":         "one's own factors",
	"login.Logins.StopLoss":           "one's own factors",
	"login.Logins.MakeRecovery":       "one's own factors",
	"login.Logins.ToProve":            "one's own session",
	"login.Logins.AskMerge":           "one's own session",
	"login.Logins.PendingMerge":       "one's own session",
	"login.Logins.ProveMerge":         "one's own session",
	"login.Logins.SendMergeCode":      "one's own session",
	"login.Logins.BeginPasskeyMerge":  "one's own session",
	"login.Logins.LeaveMerge":         "one's own session",
	"merge.Accounts.Preview":          "one's own accounts",
	"merge.Accounts.Merge":            "one's own accounts",
	"merge.Accounts.List":             "one's own accounts",
	"merge.Accounts.Undo":             "one's own accounts",
	"login.Logins.ProveSecond":        "one's own session",
	"login.Logins.ChangePassword":     "one's own password",
	"login.Logins.HasPasskey":         "one's own factors",
	"login.Logins.BeginPhone":         "one's own factors",
	"login.Logins.SendPhoneProof":     "one's own factors",
	"login.Logins.ProvePhone":         "one's own factors",
	"login.Logins.MyPhone":            "one's own factors",
	"login.Logins.SendSMS":            "one's own factors",
	"login.Logins.MayAddPasskey":      "one's own factors",
	"login.Logins.BeginPasskey":       "one's own factors",
	"login.Logins.AddPasskey":         "one's own factors",
	"login.Logins.BeginPasskeyStepUp": "one's own session",
	"login.Logins.StepUpPasskey":      "one's own session",
	"member.Members.Places":           "one's own organisations",
	"enrolment.Enrolments.Join":       "the link decides, for a signed-in person",
	"draft.Drafts.Save":               "one's own drafts",
	"draft.Drafts.Load":               "one's own drafts",
	"draft.Drafts.List":               "one's own drafts",
	"draft.Drafts.Delete":             "one's own drafts",
}

// unrecorded are own acts on what does not exist, and consultations without an
// act: a refusal there leaves no line, each with its reason.
var unrecorded = map[string]string{
	"draft.Drafts.Save":   "drafts are unaudited (architecture.md, closed list)",
	"draft.Drafts.Load":   "drafts are unaudited (architecture.md, closed list)",
	"draft.Drafts.List":   "drafts are unaudited (architecture.md, closed list)",
	"draft.Drafts.Delete": "drafts are unaudited (architecture.md, closed list)",
}

// world is one organisation, and a person who is nobody in it.
type world struct {
	db     *store.DB
	run    *action.Runner
	hasher *credential.Hasher
	org    ident.Org
	site   ident.Site
	nobody access.Actor
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	ring := secret.NewRing(db.Now())
	w := &world{db: db, run: &action.Runner{DB: db, Ring: ring, Log: slog.New(slog.DiscardHandler)}, hasher: credential.NewHasher(ring)}
	ctx := context.Background()
	made, err := enrolment.Enrolments{Run: w.run, Hasher: w.hasher}.Found(ctx, access.Operator("cli"), enrolment.Found{
		Org: org.Details{Name: "Cabinet des Essais", Kind: org.Practice, Enamel: org.Enamels[0]}, Slug: "essais",
		Site: org.SiteDetails{Name: "Centre"}, Email: "premiere@essais.example", Language: text.FR,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.org = made.Org.ID
	err = db.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error {
		sites, err := org.ActiveSites(ctx, tx, w.org)
		if err != nil {
			return err
		}
		w.site = sites[0].ID
		email, _ := account.ParseEmail("personne@ailleurs.example")
		a, err := account.Insert(ctx, tx, account.New{Email: email, Names: account.Names{GivenName: "Paul", FamilyName: "Personne"}, Language: text.FR})
		w.nobody = access.Actor{Kind: access.Person, Account: a.ID, Session: ident.NewSession(), Name: "Paul Personne", StepUp: db.Now(), Address: "192.0.2.1", Via: "web"}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// nouns are the registers whose exported methods are the acts of the product.
func (w *world) nouns() []any {
	return []any{
		org.Orgs{Run: w.run}, account.Accounts{Run: w.run}, role.Roles{Run: w.run}, setting.Settings{Run: w.run},
		session.Sessions{Run: w.run}, token.Tokens{Run: w.run}, member.Members{Run: w.run}, invitation.Invitations{Run: w.run},
		enrolment.Enrolments{Run: w.run, Hasher: w.hasher}, login.Logins{Run: w.run, Hasher: w.hasher}, draft.Drafts{Run: w.run},
		directory.Directory{Run: w.run, Source: directory.Lookup{}}, dossier.Alerts{Run: w.run}, dossier.Dossiers{Run: w.run, Source: directory.Lookup{}}, dossier.Documents{Run: w.run}, resource.Resources{Run: w.run},
		report.Reports{Run: w.run}, merge.Accounts{Run: w.run},
		grant.Grants{Run: w.run}, workitem.Items{Run: w.run}, webhook.Webhooks{Run: w.run}, approval.Approvals{Run: w.run, Enrol: enrolment.Enrolments{Run: w.run, Hasher: w.hasher}},
	}
}

// act is one exported method that takes an actor.
type act struct {
	name string
	call func(by access.Actor) error
}

var (
	actorType = reflect.TypeFor[access.Actor]()
	errorType = reflect.TypeFor[error]()
)

// acts are the exported acts of every noun, with arguments that name things of
// the organisation.
func (w *world) acts() []act {
	var list []act
	for _, n := range w.nouns() {
		v := reflect.ValueOf(n)
		for i := range v.NumMethod() {
			m := v.Type().Method(i)
			if m.Type.NumIn() < 3 || m.Type.In(2) != actorType {
				continue
			}
			name := strings.TrimPrefix(v.Type().String(), "*") + "." + m.Name
			list = append(list, act{name, func(by access.Actor) error { return w.call(v.Method(i), by) }})
		}
	}
	return list
}

func (w *world) call(m reflect.Value, by access.Actor) error {
	args := []reflect.Value{reflect.ValueOf(context.Background()), reflect.ValueOf(by)}
	for i := 2; i < m.Type().NumIn(); i++ {
		args = append(args, w.value(m.Type().In(i)))
	}
	out := m.Call(args)
	last := out[len(out)-1]
	if last.Type() != errorType || last.IsNil() {
		return nil
	}
	return last.Interface().(error)
}

// value makes a plausible argument: IDs of the organisation where there are,
// fresh ones elsewhere, words and numbers.
func (w *world) value(t reflect.Type) reflect.Value {
	v := reflect.New(t).Elem()
	w.fill(v)
	return v
}

func (w *world) fill(v reflect.Value) {
	switch known := v.Addr().Interface().(type) {
	case *ident.Org:
		*known = w.org
	case *ident.Site:
		*known = w.site
	case *ident.Member:
		*known = ident.NewMember()
	case *ident.Invitation:
		*known = ident.NewInvitation()
	case *ident.Role:
		*known = ident.NewRole()
	case *ident.Token:
		*known = ident.NewToken()
	case *ident.Session:
		*known = ident.NewSession()
	case *ident.Draft:
		*known = ident.NewDraft()
	case *secret.Text:
		*known = secret.NewText("quatre tilleuls devant la gare")
	case *text.Lang:
		*known = text.FR
	case *token.Kind:
		*known = token.OfOrganization
	default:
		w.fillPlain(v)
	}
}

func (w *world) fillPlain(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Name != "After" { // a cursor is signed
				w.fill(v.Field(i))
			}
		}
	case reflect.String: // a word, but none where a closed list of words is meant
		if v.Type() == reflect.TypeFor[string]() {
			v.SetString("essai")
		}
	case reflect.Int64, reflect.Int:
		v.SetInt(1)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.String {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			w.fill(v.Index(0))
		}
	default: // the zero value will do
	}
}

func refusedRows(t *testing.T, db *store.DB) int {
	t.Helper()
	var r audit.Report
	n := 0
	err := db.ReadLong(context.Background(), func(tx *store.Tx) (err error) {
		if r, err = audit.Verify(context.Background(), tx, nil); err != nil {
			return err
		}
		rows, err := audit.CountRefused(context.Background(), tx)
		n = int(rows)
		return err
	})
	if err != nil || len(r.Problems) > 0 {
		t.Fatal(err, r.Problems)
	}
	return n
}

// TestPowerless: every exported act, called by a signed-in person who is nobody in
// the organisation, is refused and recorded (AUD-1, AUZ-01).
func TestPowerless(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		acts := w.acts()
		if len(acts) < 40 {
			t.Fatalf("found only %d acts", len(acts))
		}
		for _, a := range acts {
			if openActs[a.name] != "" || ownActs[a.name] != "" {
				continue
			}
			before := refusedRows(t, db)
			err := a.call(w.nobody)
			if !fault.Is(err, fault.Forbidden) && !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v, want a refusal", a.name, err)
			} else if after := refusedRows(t, db); after != before+1 {
				t.Errorf("%s: %d lines in the trail, want 1", a.name, after-before)
			}
		}
	})
}

// TestAnonymous: every act but the open ones is refused to whoever is not signed in.
func TestAnonymous(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		for i, a := range w.acts() {
			if openActs[a.name] != "" {
				continue
			}
			before := refusedRows(t, db)
			err := a.call(access.Actor{Kind: access.Anonymous, Address: fmt.Sprint("192.0.2.", i), Via: "web"})
			if !fault.Is(err, fault.Unauthenticated) && !fault.Is(err, fault.Forbidden) && !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v, want a refusal", a.name, err)
			} else if after := refusedRows(t, db); after != before+1 && unrecorded[a.name] == "" {
				t.Errorf("%s: %d lines in the trail, want 1", a.name, after-before)
			}
		}
	})
}
