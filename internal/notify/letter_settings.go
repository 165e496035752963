package notify

import (
	"context"
	"time"

	"habilis/internal/account"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/preference"
	"habilis/internal/store"
	"habilis/internal/text"
)

// KindSettingsChanged is the letter to whose settings somebody else changed (CHG-3).
const KindSettingsChanged Kind = "settings_changed"

// SettingsChangedFacts are what it says.
type SettingsChangedFacts struct {
	Org  Org
	From time.Time // since when
	By   []SettingsBy
}

// SettingsBy is one author, and what they changed, in words.
type SettingsBy struct {
	Name string
	What []string
}

// WriteSettingsChanged tells a member who changed which of their settings, not what they are now.
// It is about security: alerts may have been turned off.
func WriteSettingsChanged(to Recipient, f SettingsChangedFacts) (Letter, error) {
	w := write(KindSettingsChanged, to, &f.Org, map[string]any{"At": f.From})
	w.say("intro")
	items := make([]string, 0, len(f.By))
	for _, by := range f.By {
		w.errs = append(w.errs, checkLine("author", by.Name))
		items = append(items, w.printer.T("letters.settings_changed.line", "Name", by.Name, "What", w.printer.List(by.What)))
	}
	w.letter.Blocks = append(w.letter.Blocks, Block{List: items})
	w.say("fine")
	w.openYourself()
	return w.end("settings", Contact{})
}

// settingsChanged tells it of an hour, all that others changed together.
var settingsChanged = letter(
	func(l preference.ChangedLetter) (ident.Org, ident.Member) { return l.Org, l.Member },
	func(ctx context.Context, tx *store.Tx, _ job.Job, l preference.ChangedLetter, to addressee) (Letter, error) {
		list, err := preference.ChangedByOthers(ctx, tx, l.Org, l.Member, l.From)
		if err != nil || len(list) == 0 {
			return Letter{}, firstError(err, errMoot)
		}
		f := SettingsChangedFacts{Org: to.org, From: l.From}
		for _, by := range list {
			name, err := authorOf(ctx, tx, by.By, to)
			if err != nil {
				return Letter{}, err
			}
			f.By = append(f.By, SettingsBy{Name: name, What: settingsWords(text.For(to.account.Language), by)})
		}
		return WriteSettingsChanged(recipient(to.account), f)
	})

// authorOf names an account, as it is now; of what is none, or is gone, it says what it was.
func authorOf(ctx context.Context, tx *store.Tx, ref string, to addressee) (string, error) {
	id, err := ident.ParseAccount(ref)
	if err != nil {
		return text.For(to.account.Language).T("letters.settings_changed.application"), nil //nolint:nilerr // no account: the application
	}
	a, found, err := account.Get(ctx, tx, id)
	if err != nil || !found {
		return to.by(""), err
	}
	return to.by(a.Name()), nil
}

func settingsWords(t *text.Printer, by preference.ByOther) (words []string) {
	for _, p := range by.Parts {
		words = append(words, t.T("settings.own."+string(p)))
	}
	for _, a := range by.Alerts {
		words = append(words, t.T("settings.own.alert_"+string(a)))
	}
	return words
}
