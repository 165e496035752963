package web

import (
	"encoding/base64"
	"encoding/json"
	"time"

	"habilis/internal/web/ui"
)

// flashLife is how long an answer waits for the page that shows it.
const flashLife = 5 * time.Minute

type flashNote struct {
	Tone ui.Tone `json:"tone"`
	Text string  `json:"text"`
}

// flash keeps the answer to an act for the next page. The cookie can be set by
// this browser only; its text is shown as text.
func (v *visit) flash(tone ui.Tone, text string) {
	b, err := json.Marshal(flashNote{tone, text})
	if err != nil {
		return // two plain fields always marshal
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
	return []ui.Flash{{Tone: n.Tone, Text: n.Text}}
}
