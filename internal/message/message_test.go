package message

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"habilis/internal/fault"
)

// LST-3, INJ-02: what cannot be a subject or a text says why, at its field.
func TestDraftRead(t *testing.T) {
	for code, d := range map[string]Draft{
		"message.subject_empty": {Subject: " \t ", Text: "x"},
		"message.subject_long":  {Subject: strings.Repeat("é", MaxSubject+1), Text: "x"},
		"message.subject_line":  {Subject: "Réunion\r\nBcc: tous@exemple.fr", Text: "x"},
		"message.text_empty":    {Subject: "Réunion", Text: "\n \n"},
		"message.text_long":     {Subject: "Réunion", Text: strings.Repeat("é", MaxText+1)},
		"message.text_signs":    {Subject: "Réunion", Text: "a\u202eb"},
	} {
		_, _, err := d.read()
		if f := fault.Of(err); len(f.Fields) != 1 || f.Fields[0].Code != code {
			t.Errorf("%s: %+v", code, err)
		}
	}
	if _, _, err := (Draft{Subject: "=?utf-8?q?x?=", Text: "x"}).read(); err == nil {
		t.Error("INJ-02: an encoded word is a subject")
	}
	subject, text, err := Draft{Subject: "  Réunion ", Text: "\r\nBonjour,\t \r\n\r\nMardi.  \r"}.read()
	if subject != "Réunion" || text != "Bonjour,\n\nMardi." || err != nil {
		t.Errorf("%q %q %v", subject, text, err)
	}
}

// What is read stays as it is when read again, and never leaves a header or its bounds.
func TestDraftReadHolds(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		d := Draft{Subject: rapid.String().Draw(r, "subject"), Text: rapid.String().Draw(r, "text")}
		subject, text, err := d.read()
		if err != nil {
			return
		}
		if !oneLine(subject) || strings.ContainsAny(subject+text, "\r\t") || utf8.RuneCountInString(text) > MaxText {
			r.Fatalf("%q %q", subject, text)
		}
		again, same, err := Draft{Subject: subject, Text: text}.read()
		if again != subject || same != text || err != nil {
			r.Fatalf("%q became %q, %q became %q: %v", subject, again, text, same, err)
		}
	})
}
