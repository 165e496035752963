package notify

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strings"

	"habilis/internal/account"
	"habilis/internal/approval"
	"habilis/internal/departure"
	"habilis/internal/dossier"
	"habilis/internal/enrolment"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	invitations "habilis/internal/invitation"
	"habilis/internal/job"
	"habilis/internal/login"
	"habilis/internal/member"
	"habilis/internal/merge"
	"habilis/internal/message"
	"habilis/internal/org"
	"habilis/internal/preference"
	"habilis/internal/secret"
	sessions "habilis/internal/session"
	"habilis/internal/store"
	"habilis/internal/webhook"
	"habilis/internal/workitem"
)

// Deps are what the handlers of letters need.
type Deps struct {
	DB     *store.DB
	Mailer Mailer
	// Base is the configured address of this installation, the only beginning of
	// every link: no request has a say in it (rules.md 10, INV-05).
	Base *url.URL
	// Ring opens the numbers to which messages go; Gateway takes those over, nil where none
	// is configured; Texted, if it is not nil, is told what became of each.
	Ring    *secret.Ring
	Gateway Gateway
	Texted  func(SMSOutcome)
}

// errMoot means that a letter has nothing to say any more: what it told of was
// withdrawn, sent again or used since. The job is done without a letter.
var errMoot = errors.New("notify: nothing to say any more")

// composer writes the letter of one job, from what is stored when it is sent.
type composer func(ctx context.Context, tx *store.Tx, j job.Job) (Letter, error)

// Handlers gives the handler of every kind of letter, by the name of its job.
func Handlers(d Deps) map[string]job.Handler {
	h := handlers{d}
	composers := map[string]composer{
		invitations.Letter{}.Kind():          h.invitation,
		enrolment.JoinedLetter{}.Kind():      h.joined(),
		member.AppointedLetter{}.Kind():      appointed,
		member.WithdrawnLetter{}.Kind():      withdrawn,
		member.DeactivatedLetter{}.Kind():    deactivated,
		member.ReactivatedLetter{}.Kind():    reactivated,
		member.PlannedLetter{}.Kind():        deactivationPlanned,
		member.UnplannedLetter{}.Kind():      deactivationCancelled,
		member.LeftLetter{}.Kind():           left,
		departure.SiteLetter{}.Kind():        siteRemoved,
		merge.RenumberedLetter{}.Kind():      renumbered,
		preference.ChangedLetter{}.Kind():    settingsChanged,
		login.ResetLetter{}.Kind():           h.reset,
		login.PasswordChangedLetter{}.Kind(): passwordChanged,
		login.LockedLetter{}.Kind():          locked,
		sessions.ClosedLetter{}.Kind():       sessionsClosed,
		login.NewBrowserLetter{}.Kind():      newBrowser,
		grant.HolderLetter{}.Kind():          h.holderTold(),
		dossier.OutcomeLetter{}.Kind():       h.fileOutcome,
		approval.RefusedLetter{}.Kind():      approvalRefused,
	}
	maps.Copy(composers, departureLetters())
	maps.Copy(composers, reviewLetters())
	maps.Copy(composers, personLetters())
	maps.Copy(composers, h.erasureLetters())
	maps.Copy(composers, exitLetters())
	maps.Copy(composers, h.emailLetters())
	maps.Copy(composers, h.accountsLetters())
	maps.Copy(composers, h.factorLetters())
	maps.Copy(composers, h.registrationLetters())
	all := make(map[string]job.Handler, len(composers))
	for kind, c := range composers {
		all[kind] = h.handler(c)
	}
	all[member.SelfGrantLetter{}.Kind()] = h.toOthers(selfGranted)
	all[member.LeaverLetter{}.Kind()] = h.toOthers(leaver)
	all[member.HeldLetter{}.Kind()] = h.toOthers(deactivationHeld)
	maps.Copy(all, h.exitLetters())
	all[departure.HeldLetter{}.Kind()] = h.toSubscribers(h.departureHeld)
	all[departure.WaitingLetter{}.Kind()] = h.toSubscribers(h.departureWaiting)
	all[departure.NewsLetter{}.Kind()] = h.toSubscribers(h.departureNews)
	all[member.SelfRightsLetter{}.Kind()] = h.toOthers(selfRights)
	all[grant.SelfLevelsLetter{}.Kind()] = h.toOthers(selfLevels)
	all[grant.AccessLetter{}.Kind()] = h.toSubscribers(accessDigest)
	all[grant.StartLetter{}.Kind()] = h.toSubscribers(h.delegateStarts)
	all[grant.EndLetter{}.Kind()] = h.toSubscribers(h.delegateEnds)
	all[dossier.DigestLetter{}.Kind()] = h.toSubscribers(h.directoryAlerts)
	all[dossier.ArrivedLetter{}.Kind()] = h.toSubscribers(h.registrationArrived)
	all[dossier.RulingLetter{}.Kind()] = h.toSubscribers(h.fileRuled)
	all[workitem.ReceivedLetter{}.Kind()] = h.toSubscribers(h.workReceived)
	all[login.TextingLetter{}.Kind()] = h.toOthers(texting)
	all[login.CareLetter{}.Kind()] = h.toOthers(care)
	all[approval.WaitsLetter{}.Kind()] = h.toSubscribers(h.approvalWaits)
	all[login.LossToldLetter{}.Kind()] = h.toOthers(lossTold)
	all[merge.MovedLetter{}.Kind()] = h.toOthers(memberAccount)
	all[webhook.StoppedLetter{}.Kind()] = h.toOthers(webhookStopped)
	all[message.Letter{}.Kind()] = h.message
	maps.Copy(all, h.texts())
	return all
}

type handlers struct{ Deps }

// handler writes and sends one letter.
func (h handlers) handler(compose composer) job.Handler {
	return func(ctx context.Context, j job.Job) error {
		var l Letter
		err := h.DB.Read(ctx, func(tx *store.Tx) (err error) {
			l, err = compose(ctx, tx, j)
			return err
		})
		switch {
		case errors.Is(err, errMoot):
			return nil
		case errors.Is(err, ErrUnsafe):
			return job.Permanent(err) // it would be as unsafe the next time
		case err != nil:
			return err
		}
		return h.send(ctx, j, j.ID.String(), l)
	}
}

// send lays the letter out and sends it. Its ID and date are the job's: sent again
// after a cut, it is recognised as the same.
func (h handlers) send(ctx context.Context, j job.Job, id string, l Letter) error {
	m, err := l.Message(id, j.Created)
	if err != nil {
		return job.Permanent(err)
	}
	err = h.Mailer.Send(ctx, m)
	if Permanent(err) {
		return job.Permanent(err)
	}
	return err
}

// link is an address of this installation.
func (h handlers) link(path ...string) secret.Text {
	return secret.NewText(h.Base.JoinPath(path...).String())
}

// recipient is the person of an account, in their language.
func recipient(a account.Account) Recipient {
	return Recipient{Name: a.Name(), Email: mailbox(a.Email), Lang: a.Language}
}

// mailbox is the address as mail servers want it: the local part as it was typed,
// the domain in ASCII.
func mailbox(e account.Email) string {
	local, _, _ := strings.Cut(e.Address, "@")
	_, domain, _ := strings.Cut(e.Key, "@")
	return local + "@" + domain
}

// plaque reads the organisation whose plaque stands at the top. One that is gone
// has nothing to say.
func plaque(ctx context.Context, tx *store.Tx, id ident.Org) (Org, error) {
	o, err := org.Get(ctx, tx, id)
	if fault.Is(err, fault.NotFound) {
		return Org{}, errMoot
	}
	return Org{Name: o.Name, Enamel: Enamel(o.Enamel)}, err
}

// reached reads the person that a letter about one organisation is for, and the organisation.
func reached(ctx context.Context, tx *store.Tx, id ident.Account, at ident.Org) (Recipient, Org, error) {
	a, err := person(ctx, tx, id)
	if err != nil {
		return Recipient{}, Org{}, err
	}
	o, err := plaque(ctx, tx, at)
	return recipient(a), o, err
}

// person reads the account that a letter is for. One that is gone, or closed by
// the platform, gets none.
func person(ctx context.Context, tx *store.Tx, id ident.Account) (account.Account, error) {
	a, ok, err := account.Get(ctx, tx, id)
	if err == nil && (!ok || a.Status != account.Active) {
		err = errMoot
	}
	return a, err
}

// decode reads the arguments of a job; what cannot be read never will.
func decode[T any](j job.Job) (v T, err error) {
	if err = j.Decode(&v); err != nil {
		err = fmt.Errorf("notify: %w", err)
	}
	return v, err
}
