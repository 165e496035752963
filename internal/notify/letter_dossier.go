package notify

import (
	"habilis/internal/dossier"
	"habilis/internal/secret"
)

// The letters about the file of somebody who registered by themself.
const (
	KindFileOpened  Kind = "file_opened"  // VER-2: they may sign in
	KindFileShut    Kind = "file_shut"    // VER-2: they may not any more
	KindFileRefused Kind = "file_refused" // VER-4: support refused, and says why
	KindFileLacking Kind = "file_lacking" // VER-3: what is missing
	KindFileRuled   Kind = "file_ruled"   // VER-4: to the administrators
)

var dossierKinds = []Kind{KindFileOpened, KindFileShut, KindFileRefused, KindFileLacking, KindFileRuled}

// FileFacts are what a letter about a file says.
type FileFacts struct {
	Org     Org
	By      string // who closed it, or asks for what is missing
	Name    string // of the person, for the administrators
	Refused bool   // by support
	Reason  string // of support's refusal
	Missing []dossier.Reason
	Link    secret.Text
	Contact Contact
}

// WriteFileOpened tells a person that their file was verified: they may sign in.
func WriteFileOpened(to Recipient, f FileFacts) (Letter, error) {
	w := write(KindFileOpened, to, &f.Org, map[string]any{})
	w.say("intro", "rights")
	w.button(f.Link, "")
	return w.end("registered", f.Contact)
}

// WriteFileShut tells a person that their access to an organisation is closed, and what is
// missing. It is about security: no link.
func WriteFileShut(to Recipient, f FileFacts) (Letter, error) {
	w := write(KindFileShut, to, &f.Org, map[string]any{"By": f.By})
	w.say("intro")
	w.missing(f.Missing)
	w.say("elsewhere")
	return w.end("registered", f.Contact)
}

// WriteFileRefused tells a person that support refused their file, and why.
func WriteFileRefused(to Recipient, f FileFacts) (Letter, error) {
	w := write(KindFileRefused, to, &f.Org, map[string]any{})
	w.say("intro")
	w.reason(f.Reason)
	w.say("next")
	return w.end("registered", f.Contact)
}

// WriteFileLacking tells a person what is missing in their file («Prévenir par e-mail»); the
// link to it comes in a letter of its own.
func WriteFileLacking(to Recipient, f FileFacts) (Letter, error) {
	w := write(KindFileLacking, to, &f.Org, map[string]any{"By": f.By})
	w.say("intro")
	w.missing(f.Missing)
	w.say("how")
	return w.end("registered", f.Contact)
}

// WriteFileRuled tells an administrator what support decided of a file.
func WriteFileRuled(to Recipient, f FileFacts) (Letter, error) {
	w := write(KindFileRuled, to, &f.Org, map[string]any{"Name": f.Name})
	if f.Refused {
		w.say("refused")
		w.reason(f.Reason)
	} else {
		w.say("validated")
	}
	w.button(f.Link, "")
	return w.end("administers", f.Contact)
}

// reason says why support refused.
func (w *writer) reason(why string) {
	w.errs = append(w.errs, checkLine("reason", why))
	w.letter.Blocks = append(w.letter.Blocks, Block{Facts: []Fact{w.fact("reason", 1, secret.NewText(why))}})
}

// missing lists why a file is orange.
func (w *writer) missing(reasons []dossier.Reason) {
	items := make([]string, 0, len(reasons))
	for _, r := range reasons {
		items = append(items, r.Words(w.printer))
	}
	if len(items) > 0 {
		w.letter.Blocks = append(w.letter.Blocks, Block{List: items})
	}
}
