package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// RGT-10: a moment that cannot be, and a record that no application would name, are told at
// their field, and what was typed is kept.
func TestWhyAsksAgain(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(bruno)
		m, agenda := w.id(w.tilleuls, julie).String(), w.office().claire.String()
		ask := "/o/tilleuls/access/why?type=agenda&member=" + m + "&on=" + agenda + "&act=read"
		for query, says := range map[string]string{
			"&date=2026-02-30":            "Choisissez une date", // why.date
			"&date=2026-01-02&time=25:61": "Écrivez une heure",   // why.time
			"&date=2999-01-01":            "passé",               // why.future
		} {
			b.get(ask + query).answers(http.StatusUnprocessableEntity).says(says)
		}
		b.get(ask).answers(http.StatusOK)
		for _, typed := range []string{"00:05", "0 h 05", "0h05", "0\u00a0h\u00a005"} { // as the French write it
			b.get(ask + "&date=" + w.clock.Now().AddDate(0, 0, -1).Format(time.DateOnly) + "&time=" + url.QueryEscape(typed)).answers(http.StatusOK)
		}
		long := strings.Repeat("x", 201)
		b.get("/o/tilleuls/access/records?record=" + long).answers(http.StatusUnprocessableEntity).says("un numéro plus court") // why.record
	})
}
