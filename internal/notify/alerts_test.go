package notify

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/approval"
	"habilis/internal/dossier"
	"habilis/internal/enrolment"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/preference"
	"habilis/internal/secret"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/text"
	"habilis/internal/workitem"
)

// has makes something somebody's own.
func (w *world) has(p someone, e preference.Edit) {
	w.Helper()
	all := preference.Preferences{Run: w.run}
	s, err := all.Get(ctx, w.by(p), w.org.ID, p.member)
	w.must(err)
	_, err = all.Edit(ctx, w.by(p), w.org.ID, p.member, s.Version, e)
	w.must(err)
}

func by(a setting.Alert, c setting.Channels, sites ...ident.Site) preference.Edit {
	return preference.Edit{Notifications: map[setting.Alert]preference.Change[preference.Subscription]{
		a: preference.To(preference.Subscription{Channels: c, Sites: sites}),
	}}
}

// noticed says what the notices of somebody tell, the latest first.
func (w *world) noticed(p someone) (list []string) {
	w.Helper()
	page, err := preference.Preferences{Run: w.run}.Notices(ctx, w.by(p), w.org.ID, preference.NoticeQuery{})
	w.must(err)
	for _, n := range page.Notices {
		list = append(list, strings.Join(strings.Fields(preference.Say(text.For(text.FR), n)), " "))
	}
	return list
}

// sentTo are the first names of those to whom letters went.
func sentTo(letters []Kept) string {
	var to []string
	for _, k := range letters {
		name, _, _ := strings.Cut(k.To, "@")
		to = append(to, name)
	}
	slices.Sort(to)
	return strings.Join(to, ", ")
}

// MEM-6: each is told of an alert by the ways that they want, once, however often the job is tried.
func TestAlertChannels(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.has(w.bruno, by(setting.AlertApproval, setting.Channels{Inside: true}))
		w.has(w.claire, by(setting.AlertApproval, setting.Channels{Email: true}))
		a := approval.Approvals{Run: w.run, Enrol: w.e}
		made, err := a.Ask(ctx, access.Operator("cli"), approval.Ask{Ticket: "Demande 48213", Create: enrolment.Create{
			Org: w.org.ID, Sites: w.sites[:1], ProfileType: member.NonPractitioner, GivenName: "Romain", FamilyName: "Vidal",
			Function: "secretary", Email: "romain@ailleurs.example",
		}})
		w.must(err)
		letters := w.work()
		if got := sentTo(letters); got != "claire, tina" {
			w.Errorf("letters to %s", got)
		}
		for _, k := range letters {
			if k.To == "tina@tilleuls.example" {
				w.says(k, "vous suivez cette alerte")
			}
		}
		for name, c := range map[string]struct {
			who  someone
			want []string
		}{"bruno": {w.bruno, []string{"Un compte créé par le support attend une autorisation : Romain Vidal."}}, "claire": {w.claire, nil}} {
			if got := w.noticed(c.who); !slices.Equal(got, c.want) {
				w.Errorf("%s: %q", name, got)
			}
		}
		// The same job again leaves no second notice.
		args, err := json.Marshal(approval.WaitsLetter{Org: w.org.ID, Member: made.Member})
		w.must(err)
		j := job.Job{ID: ident.NewJob(), Args: args, Created: w.clock.Now()}
		for range 3 {
			w.must(w.worker.Handlers[approval.WaitsLetter{}.Kind()](ctx, j))
		}
		if got := w.noticed(w.bruno); len(got) != 2 { // that of the first job, and that of this one
			w.Errorf("%q", got)
		}
	})
}

// ADR 0013: a letter of an organisation is in the language in which its reader reads it there.
func TestLettersInTheirLanguage(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.has(w.bruno, preference.Edit{Language: preference.To(setting.Language("en"))})
		w.has(w.claire, preference.Edit{Language: preference.To(setting.Language("fr"))}) // her account is in English
		w.order(member.LeaverLetter{Org: w.org.ID, Name: "Julie Delmas"}, secret.Text{})
		for _, k := range w.work() {
			english := k.To == "bruno@tilleuls.example"
			if strings.Contains(k.Text, "Hello") != english || strings.Contains(k.Text, "Bonjour") == english {
				w.Errorf("to %s: %.200s", k.To, k.Text)
			}
		}
	})
}

// RGT-6, AUZ-10: a delegate may refuse to be told what begins and ends; the holder, in whose name it
// is done, is told whatever they chose.
func TestDelegationAlerts(t *testing.T) {
	eachLent(t, func(w *lent) {
		for _, p := range []someone{w.julie, w.ines} {
			w.has(p, by(setting.AlertDelegation, setting.Channels{Inside: true}))
		}
		until := w.clock.Now().Add(time.Hour)
		w.give([]grant.Act{grant.Send}, nil, &until, w.own)
		if got := sentTo(w.work()); got != "ines" {
			w.Errorf("letters to %s", got)
		}
		w.clock.Add(2 * time.Hour)
		if got := sentTo(w.work()); got != "" {
			w.Errorf("letters to %s", got)
		}
		want := []string{"Vous n’agissez plus au nom de 1 identité.", "Vous pouvez agir au nom de 1 identité."}
		if got := w.noticed(w.julie); !slices.Equal(got, want) {
			w.Errorf("%q", got)
		}
		w.has(w.julie, by(setting.AlertDelegation, setting.Channels{Email: true}, w.sites[1])) // the identity is of the other
		w.give([]grant.Act{grant.Receive}, nil, nil, w.own)
		if got := sentTo(w.work()); got != "ines" {
			w.Errorf("letters to %s", got)
		}
	})
}

// VER-1: the files of an hour are one letter to each who judges them, with how many are theirs to
// judge; none for those that were judged meanwhile.
func TestArrivedFilesAreTold(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.has(w.claire, by(setting.AlertRegistration, setting.Channels{Inside: true}, w.sites[1]))
		from := w.clock.Now().UTC().Truncate(job.GatherEvery)
		for i := range 4 {
			w.arrives("p"+string(rune('a'+i))+"@ailleurs.example", w.sites[i%2], from.Add(time.Duration(i)*time.Minute), member.Unchecked)
		}
		w.arrives("judged@ailleurs.example", w.sites[0], from, member.Verified)
		w.arrives("later@ailleurs.example", w.sites[0], from.Add(job.GatherEvery), member.Unchecked)
		w.order(dossier.ArrivedLetter{Org: w.org.ID, From: from}, secret.Text{})
		letters := w.work()
		if got := sentTo(letters); got != "bruno, tina" {
			w.Fatalf("letters to %s", got)
		}
		for _, k := range letters {
			want := "4 dossiers à examiner"
			if k.To == "tina@tilleuls.example" {
				want = "2 dossiers à examiner"
			}
			w.says(k, want, base+"/o/tilleuls/dossiers")
		}
		if got := w.noticed(w.claire); !slices.Equal(got, []string{"2 dossiers d’inscription sont arrivés et peuvent être examinés."}) {
			w.Errorf("%q", got)
		}
	})
}

// arrives is somebody who registered and sent their file.
func (w *world) arrives(email string, site ident.Site, at time.Time, v member.Verification) {
	w.Helper()
	a := w.account(email, "Awa", "Koné", text.FR)
	w.write(func(tx *store.Tx) error {
		m, err := member.Insert(ctx, tx, member.New{
			Org: w.org.ID, Account: a.ID, Status: member.Created, Verification: v, GivenName: "Awa", FamilyName: "Koné", Email: email, Sites: []ident.Site{site},
		})
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			insert into registration (org_id, id, language, email_key, email, account_id, member_id, completed_at, version, created_at, expires_at)
			values ($1, $2, 'fr', $3, $3, $4, $5, $6, 1, $6, $6)`, w.org.ID, ident.NewRegistration(), email, a.ID, m.ID, at)
		return err
	})
}

// OFF-1: what was handed over in an hour is one letter, of what is held when it goes; nothing is
// said of what went on to somebody else.
func TestWorkReceivedIsTold(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.clock.Add(time.Until(time.Now().Truncate(job.GatherEvery).Add(job.GatherEvery))) // an hour begins
		items := workitem.Items{Run: w.run}
		var lines []workitem.Line
		for i := range 3 {
			lines = append(lines, workitem.Line{
				Ref:     workitem.Ref{Source: "agenda", External: string(rune('a' + i))},
				Details: workitem.Details{Kind: workitem.Task, Owner: w.tina.member, State: workitem.Open},
			})
		}
		_, err := items.RegisterMany(ctx, w.by(w.bruno), w.org.ID, lines)
		w.must(err)
		for _, l := range lines[:2] {
			_, err := items.Reassign(ctx, w.by(w.bruno), w.org.ID, workitem.Handover{From: w.tina.member, To: w.claire.member, Refs: []workitem.Ref{l.Ref}})
			w.must(err)
		}
		if got := sentTo(w.work()); got != "" {
			w.Errorf("before the hour is over: %s", got)
		}
		w.clock.Add(job.GatherEvery + 5*time.Minute)
		k := w.letter()
		w.says(k, "2 open tasks", base+"/o/tilleuls/members/"+w.claire.member.String())
		if got := w.noticed(w.claire); !slices.Equal(got, []string{"Du travail vous a été confié : vous avez 2 éléments en cours."}) {
			w.Errorf("%q", got)
		}
		_, err = items.Reassign(ctx, w.by(w.bruno), w.org.ID, workitem.Handover{From: w.claire.member, To: w.tina.member})
		w.must(err)
		_, err = items.Reassign(ctx, w.by(w.bruno), w.org.ID, workitem.Handover{From: w.tina.member, To: w.bruno.member})
		w.must(err)
		w.has(w.bruno, by(setting.AlertWork, setting.Channels{}))
		w.clock.Add(job.GatherEvery + 5*time.Minute)
		if got := sentTo(w.work()); got != "" {
			w.Errorf("letters to %s", got)
		}
	})
}

// The access of an hour: one who chose a site is told of that site alone, and by the way chosen.
func TestAccessAlerts(t *testing.T) {
	eachShared(t, func(w *shared) {
		w.has(w.bruno, by(setting.AlertAccess, setting.Channels{Email: true}, w.sites[1]))
		w.has(w.ines, by(setting.AlertAccess, setting.Channels{Inside: true}))
		w.give(w.claire, w.julie, w.own, grant.Read)
		w.clock.Add(2 * time.Hour)
		if got := sentTo(w.work()); got != "" { // claire did it herself
			w.Errorf("letters to %s", got)
		}
		if got := w.noticed(w.ines); !slices.Equal(got, []string{"L’accès de 1 personne aux agendas et messageries a changé."}) {
			w.Errorf("%q", got)
		}
	})
}
