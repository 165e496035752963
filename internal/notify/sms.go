package notify

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"habilis/internal/secret"
	"habilis/internal/text"
)

// Gateway takes over messages by SMS (SEC-7). It answers like a Mailer: nil once the
// message is somebody else's, a permanent error when trying again is useless. It may be
// called again with the same message after a cut.
type Gateway interface {
	Text(ctx context.Context, m TextMessage) error
}

// TextMessage is one message by SMS. Its number and its text are secrets (rules.md 22).
type TextMessage struct {
	ID   string      // of the job: sent again, it is the same
	To   secret.Text // E.164
	Text secret.Text
	Date time.Time // when it was ordered
}

// MaxSMS is how many characters of the GSM alphabet one message holds: a longer one would
// be charged twice.
const MaxSMS = 160

// gsm is the basic alphabet of messages (3GPP TS 23.038), of which each character counts
// for one. A letter beyond it would make the whole message three times as long.
const gsm = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
	"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"

// plainer writes what our catalogues hold and messages do not.
var plainer = strings.NewReplacer(
	"\u00a0", " ", "\u202f", " ", "’", "'", "‘", "'", "“", `"`, "”", `"`, "« ", `"`, " »", `"`, "«", `"`, "»", `"`,
	"…", "...", "–", "-", "—", "-",
	"â", "a", "ç", "c", "ê", "e", "ë", "e", "î", "i", "ï", "i", "ô", "o", "û", "u", "œ", "oe",
	"À", "A", "Â", "A", "È", "E", "Ê", "E", "Î", "I", "Ô", "O", "Ù", "U", "Œ", "OE",
)

// inGSM writes a text in the alphabet of messages.
func inGSM(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(gsm, r) {
			return r
		}
		return '?'
	}, plainer.Replace(plainer.Replace(s)))
}

// codeText is the message that carries a code: what it is for, and a last line that ties it
// to our own host, so that a browser fills it in there and nowhere else. A host too long
// for one message leaves the short form.
func codeText(lang text.Lang, what, code, host string, life time.Duration) secret.Text {
	p := text.For(lang)
	last := "\n\n@" + host + " #" + code
	long := inGSM(p.T("sms.code."+what, "Product", p.T("common.product"), "Code", code, "Minutes", int(life/time.Minute))) + last
	if utf8.RuneCountInString(long) <= MaxSMS {
		return secret.NewText(long)
	}
	return secret.NewText(inGSM(p.T("sms.code.short", "Product", p.T("common.product"), "Code", code)) + last)
}

// replacedText tells a number that codes do not go to it any more.
func replacedText(lang text.Lang) secret.Text {
	p := text.For(lang)
	return secret.NewText(inGSM(p.T("sms.replaced", "Product", p.T("common.product"))))
}
