package notify

import (
	"maps"
	"slices"
	"time"

	"habilis/internal/secret"
	"habilis/internal/text"
)

// Variables that the texts of several letters name.
const (
	varCount = "Count"
	varOther = "Other"
	varUntil = "Until"
)

// writer fills one letter from the catalogue. It keeps the first errors and the
// variables that every text of the letter may use.
type writer struct {
	printer *text.Printer
	letter  Letter
	vars    map[string]any
	errs    []error
}

// write begins a letter of the kind. vars are the variables of its texts; each
// string among them is a value from outside and is checked.
func write(kind Kind, to Recipient, org *Org, vars map[string]any) *writer {
	w := &writer{printer: text.For(to.Lang), vars: maps.Clone(vars)}
	product := w.printer.T("common.product")
	w.vars["Product"] = product
	for name, v := range vars {
		switch v := v.(type) {
		case string:
			w.errs = append(w.errs, checkLine(name, v))
		case time.Time:
			w.errs = append(w.errs, checkTime(name, v))
		}
	}
	w.letter = Letter{Kind: kind, To: to, Sender: product, Plaque: Plaque{Name: product, Enamel: EnamelEmail}}
	if org != nil {
		w.vars["Org"] = org.Name
		w.errs = append(w.errs, checkLine("organisation", org.Name))
		w.letter.Plaque = Plaque{Name: org.Name, Enamel: org.Enamel}
		w.letter.Sender = w.common("sender")
	}
	w.letter.Plaque.Label = w.t("plaque")
	w.letter.Subject = w.t("subject")
	w.letter.Preheader = w.t("preheader")
	w.greet(to)
	return w
}

func (w *writer) greet(to Recipient) {
	if to.Name == "" {
		w.letter.Greeting = w.common("greeting_anonymous")
		return
	}
	w.errs = append(w.errs, checkLine("recipient's name", to.Name))
	w.letter.Greeting = w.printer.T("letters.greeting", "Name", to.Name)
}

// t is a text of this kind of letter; common, one that all letters share.
func (w *writer) t(key string) string {
	return w.printer.T("letters."+string(w.letter.Kind)+"."+key, w.pairs()...)
}

func (w *writer) common(key string) string { return w.printer.T("letters."+key, w.pairs()...) }

func (w *writer) pairs() []any {
	kv := make([]any, 0, 2*len(w.vars))
	for _, name := range slices.Sorted(maps.Keys(w.vars)) {
		kv = append(kv, name, w.vars[name])
	}
	return kv
}

// say adds paragraphs of this kind; list adds one list.
func (w *writer) say(keys ...string) {
	for _, key := range keys {
		w.letter.Blocks = append(w.letter.Blocks, Block{Paragraph: w.t(key)})
	}
}

func (w *writer) list(keys ...string) {
	items := make([]string, 0, len(keys))
	for _, key := range keys {
		items = append(items, w.t(key))
	}
	w.letter.Blocks = append(w.letter.Blocks, Block{List: items})
}

// openYourself tells to open the product without a link: letters about security
// must not teach people to click.
func (w *writer) openYourself() {
	w.letter.Blocks = append(w.letter.Blocks, Block{Paragraph: w.common("open_yourself")})
}

// fact is one labelled line; many chooses the plural of the label.
func (w *writer) fact(key string, many int, value secret.Text) Fact {
	return Fact{Label: w.label(w.printer.T("letters.fact."+key, varCount, many)), Value: value}
}

// label puts the language's colon after a label.
func (w *writer) label(s string) string { return w.printer.T("letters.fact.label", "Label", s) }

// place adds where the person comes in, and as what, when that is known.
func (w *writer) place(sites, roles []string, more ...Fact) {
	var facts []Fact
	for _, group := range []struct {
		key   string
		names []string
	}{{"sites", sites}, {"roles", roles}} {
		for _, name := range group.names {
			w.errs = append(w.errs, checkLine(group.key, name))
		}
		if n := len(group.names); n > 0 {
			facts = append(facts, w.fact(group.key, n, secret.NewText(w.printer.List(group.names))))
		}
	}
	if facts = append(facts, more...); len(facts) > 0 {
		w.letter.Blocks = append(w.letter.Blocks, Block{Facts: facts})
	}
}

// button sets the one link of the letter.
func (w *writer) button(link secret.Text, note string) {
	label := w.t("button")
	w.letter.Button = &Button{Label: label, URL: link, Note: note, Raw: w.common("raw_link"), Intro: w.label(label)}
}

// end closes with the grey block and checks the whole.
func (w *writer) end(why string, contact Contact) (Letter, error) {
	w.letter.Footer = []string{w.common("why." + why), w.t("not_you"), w.common("never_password"), w.question(contact)}
	for _, err := range append(w.errs, w.letter.check()) {
		if err != nil {
			return Letter{}, err
		}
	}
	return w.letter, nil
}

func (w *writer) question(c Contact) string {
	if c == (Contact{}) {
		return w.common("question")
	}
	w.errs = append(w.errs, checkLine("contact", c.Name), checkAddress("contact", c.Email))
	return w.printer.T("letters.question_contact", "Name", c.Name, "Email", c.Email)
}
