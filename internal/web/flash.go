package web

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"habilis/internal/ident"
	"habilis/internal/web/ui"
)

// flashLife is how long an answer waits for the page that shows it.
const flashLife = 5 * time.Minute

type flashNote struct {
	Tone ui.Tone `json:"tone"`
	Text string  `json:"text"`
	Like string  `json:"like,omitempty"` // a member: another one with the same rights is offered
	Undo string  `json:"undo,omitempty"` // where the act just made is undone
}

// flash keeps the answer to an act for the next page. The cookie can be set by
// this browser only; its text is shown as text.
func (v *visit) flash(tone ui.Tone, text string) { v.keepFlash(flashNote{Tone: tone, Text: text}) }

// flashLike says that a member was created, and offers another with the same rights.
func (v *visit) flashLike(text string, like ident.Member) {
	v.keepFlash(flashNote{Tone: ui.ToneOK, Text: text, Like: like.String()})
}

// flashUndo says what was done, and offers to undo it at an address of the organisation.
func (v *visit) flashUndo(text, path string) {
	v.keepFlash(flashNote{Tone: ui.ToneOK, Text: text, Undo: path})
}

func (v *visit) keepFlash(n flashNote) {
	b, err := json.Marshal(n)
	if err != nil {
		return // plain fields always marshal
	}
	v.s.setCookie(v.w, cookieFlash, base64.RawURLEncoding.EncodeToString(b), flashLife)
}

// takeFlash gives the answer that waits, once.
func (v *visit) takeFlash() []ui.Flash {
	kept := v.s.cookie(v.Request, cookieFlash)
	if kept == "" {
		return nil
	}
	v.s.setCookie(v.w, cookieFlash, "", -1)
	var n flashNote
	b, err := base64.RawURLEncoding.DecodeString(kept)
	if err != nil || json.Unmarshal(b, &n) != nil {
		return nil // not ours: there is nothing to say
	}
	f := ui.Flash{Tone: n.Tone, Text: n.Text}
	if !v.org.ID.IsZero() && strings.HasPrefix(n.Undo, v.at("")) {
		f.Undo = &ui.Undo{Action: n.Undo}
	}
	if id, err := ident.ParseMember(n.Like); err == nil && !v.org.ID.IsZero() {
		f.Next = &ui.PostProps{
			Action: v.at("members", "new"), Hidden: []ui.Hidden{{Name: "like", Value: id.String()}},
			Button: ui.ButtonProps{Label: v.t.T("create.again_like"), Small: true},
		}
	}
	return []ui.Flash{f}
}
