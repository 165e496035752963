package authzen

import (
	"strconv"
	"time"
	"unicode/utf8"

	"habilis/internal/decision"
)

// appendAnswer writes the answer to one question.
func appendAnswer(b []byte, e *decision.Explained, ignored []string) []byte {
	b = append(b, `{"decision":`...)
	b = strconv.AppendBool(b, e.Allowed)
	b = append(b, `,"context":{`...)
	b = appendSaid(b, &reasons, string(e.Code), "reason_user", "decision."+string(e.Code))
	b = append(b, `,"facts":[`...)
	for i := range e.Facts {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendFact(b, &e.Facts[i])
	}
	b = append(b, ']')
	if e.Fix != nil {
		b = append(b, `,"fix":{`...)
		b = appendSaid(b, &fixes, e.Fix.Code, "words", "decision.fix."+e.Fix.Code)
		b = appendFields(b, field{`,"id":`, e.Fix.ID}, field{`,"level":`, e.Fix.Level}, field{`,"scope":`, e.Fix.Scope})
		b = append(b, '}')
	}
	if e.Version != 0 {
		b = append(b, `,"version":`...)
		b = strconv.AppendInt(b, e.Version, 10)
	}
	if len(ignored) > 0 {
		b = append(b, `,"ignored":[`...)
		for i, name := range ignored {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendString(b, "context."+name)
		}
		b = append(b, ']')
	}
	return append(b, `}}`...)
}

func appendFact(b []byte, f *decision.Fact) []byte {
	b = append(b, `{"kind":`...)
	b = appendString(b, string(f.Kind))
	b = appendFields(b, field{`,"id":`, f.ID}, field{`,"name":`, f.Name}, field{`,"level":`, f.Level}, field{`,"scope":`, f.Scope},
		field{`,"given_by":`, f.GivenBy})
	if !f.GivenAt.IsZero() {
		b = append(b, `,"given_at":`...)
		b = appendTime(b, f.GivenAt)
		b = append(b, `,"until":`...)
		if f.Until == nil {
			return append(b, `null}`...)
		}
		b = appendTime(b, *f.Until)
	}
	return append(b, '}')
}

func appendTime(b []byte, t time.Time) []byte {
	b = append(b, '"')
	b = t.UTC().AppendFormat(b, time.RFC3339Nano)
	return append(b, '"')
}

// field is a field of an object, but the first: its name as it is written, its text.
type field struct{ name, value string }

// appendFields writes the fields that say something.
func appendFields(b []byte, fields ...field) []byte {
	for _, f := range fields {
		if f.value != "" {
			b = append(b, f.name...)
			b = appendString(b, f.value)
		}
	}
	return b
}

// appendString writes a JSON string. What is no UTF-8 becomes U+FFFD.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	b = appendEscaped(b, s)
	return append(b, '"')
}

// appendEscaped writes what stands between the quotes of a JSON string.
func appendEscaped(b []byte, s string) []byte {
	begin := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r != utf8.RuneError || n > 1 {
				i += n
				continue
			}
			b = append(b, s[begin:i]...)
			b = append(b, `\ufffd`...)
		} else {
			b = append(b, s[begin:i]...)
			b = appendEscape(b, c)
		}
		i++
		begin = i
	}
	return append(b, s[begin:]...)
}

func appendEscape(b []byte, c byte) []byte {
	const digits = "0123456789abcdef"
	if c == '"' || c == '\\' {
		return append(b, '\\', c)
	}
	return append(b, '\\', 'u', '0', '0', digits[c>>4], digits[c&0xf])
}
