package secret_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"habilis/internal/secret"
)

const canary = "canari-7f3k-ne-doit-jamais-paraitre"

// holder keeps a secret in an unexported field, where fmt cannot call methods.
type holder struct {
	Name  string
	Open  secret.Text
	inner secret.Text
	deep  struct{ text secret.Text }
}

// rules.md 22: typed secrets print three stars, by whatever way they leave.
func TestTextNeverPrints(t *testing.T) {
	text := secret.NewText(canary)
	h := holder{Name: "lettre", Open: text, inner: text}
	h.deep.text = text
	var log bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(handler).Info("m", "text", text, "pointer", &text, "holder", h, slog.Group("g", "text", text), "error", fmt.Errorf("x %v", text))
	}
	outputs := []string{log.String(), text.String(), text.GoString(), errors.Join(fmt.Errorf("%s", text)).Error()}
	for verb := range strings.FieldsSeq("%v %+v %#v %s %q %x %X %d %t %c %U %o %b %e %g %T %10s %-5.2q %p") {
		for _, value := range []any{text, &text, h, &h, []secret.Text{text}, map[string]secret.Text{"k": text}} {
			outputs = append(outputs, fmt.Sprintf(verb, value))
		}
	}
	j, err := json.Marshal(map[string]any{"text": text, "holder": h, "list": []*secret.Text{&text}})
	if err != nil {
		t.Fatal(err)
	}
	x, err := xml.Marshal(struct {
		XMLName xml.Name `xml:"letter"`
		Text    secret.Text
	}{Text: text})
	if err != nil {
		t.Fatal(err)
	}
	hexCanary := fmt.Sprintf("%x", canary)
	for _, out := range append(outputs, string(j), string(x)) {
		if strings.Contains(out, canary) || strings.Contains(strings.ToLower(out), hexCanary) {
			t.Errorf("the secret is printed: %s", out)
		}
	}
	if got := fmt.Sprintf("%v|%s|%q|%#v", text, text, text, text); got != "***|***|***|***" {
		t.Errorf("printed %s", got)
	}
	if !bytes.Contains(j, []byte(`"text":"***"`)) {
		t.Errorf("JSON %s", j)
	}
}

func TestTextReadsAndReveals(t *testing.T) {
	var in struct{ Password secret.Text }
	if err := json.Unmarshal([]byte(`{"Password":"`+canary+`"}`), &in); err != nil {
		t.Fatal(err)
	}
	if in.Password.Reveal() != canary || !in.Password.Equal(secret.NewText(canary)) {
		t.Error("a secret read from JSON is not the one written")
	}
	var zero secret.Text
	if !zero.IsZero() || zero.Reveal() != "" || !secret.NewText("").IsZero() || zero.Equal(in.Password) {
		t.Error("the zero Text is not empty")
	}
}
