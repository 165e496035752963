package text_test

import (
	"testing"
	"time"

	"habilis/internal/text"
)

// at reads an hour of Paris.
func at(t *testing.T, s string) time.Time {
	t.Helper()
	v, err := time.ParseInLocation("2006-01-02 15:04", s, text.Zone)
	if err != nil {
		t.Fatal(err)
	}
	return v.UTC()
}

// DESIGN.md 9: dates and hours.
func TestDates(t *testing.T) {
	fr, en := text.For(text.FR), text.For(text.EN)
	evening := at(t, "2026-11-20 18:42")
	wantText(t, fr.Date(evening), "20~novembre 2026")
	wantText(t, en.Date(evening), "20 November 2026")
	wantText(t, fr.ShortDate(evening), "20~nov. 2026")
	wantText(t, en.ShortDate(evening), "20 Nov 2026")
	wantText(t, fr.LongDate(evening), "vendredi 20~novembre 2026")
	wantText(t, en.LongDate(evening), "Friday 20 November 2026")
	wantText(t, fr.DateTime(evening), "20~novembre 2026 à 18~h~42")
	wantText(t, en.DateTime(evening), "20 November 2026, 18:42")
	wantText(t, fr.Date(at(t, "2026-12-01 12:00")), "1er~décembre 2026")
	wantText(t, en.Date(at(t, "2026-12-01 12:00")), "1 December 2026")
	wantText(t, fr.Weekday(evening), "vendredi")
	wantText(t, en.Weekday(evening), "Friday")
}

func TestHours(t *testing.T) {
	tests := []struct{ clock, fr, en string }{
		{"18:42", "18~h~42", "18:42"},
		{"09:00", "9~h", "09:00"},
		{"08:05", "8~h~05", "08:05"},
		{"00:00", "0~h", "00:00"},
	}
	for _, tt := range tests {
		moment := at(t, "2026-11-20 "+tt.clock)
		wantText(t, text.For(text.FR).Hour(moment), tt.fr)
		wantText(t, text.For(text.EN).Hour(moment), tt.en)
	}
}

// Times are kept in UTC and said in Paris, summer and winter.
func TestZone(t *testing.T) {
	fr := text.For(text.FR)
	wantText(t, fr.DateTime(time.Date(2026, 7, 31, 23, 30, 0, 0, time.UTC)), "1er~août 2026 à 1~h~30")
	wantText(t, fr.DateTime(time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC)), "1er~janvier 2027 à 0~h~30")
}

func TestEveryMonthAndDayHasItsName(t *testing.T) {
	restore := text.OnDefect(func(d text.Defect) { t.Errorf("%v", d) })
	defer restore()
	for _, lang := range text.All {
		seen := map[string]bool{}
		for month := range 12 {
			day := time.Date(2026, time.Month(month+1), 15, 12, 0, 0, 0, time.UTC)
			seen[text.For(lang).Date(day)] = true
			seen["short "+text.For(lang).ShortDate(day)] = true
		}
		for day := range 7 {
			seen[text.For(lang).Weekday(time.Date(2026, 11, 1+day, 12, 0, 0, 0, time.UTC))] = true
		}
		if len(seen) != 12+12+7 {
			t.Errorf("%s: two months or two days share a name: %v", lang, seen)
		}
	}
}

func TestAgo(t *testing.T) {
	const now = "2026-11-20 20:00"
	tests := []struct{ then, now, fr, en string }{
		{"2026-11-20 20:00", now, "en ce moment", "just now"},
		{"2026-11-20 20:01", now, "en ce moment", "just now"},
		{"2026-11-20 19:59", now, "en ce moment", "just now"},
		{"2026-11-20 19:58", now, "il y a 2~min", "2 min ago"},
		{"2026-11-20 19:48", now, "il y a 12~min", "12 min ago"},
		{"2026-11-20 19:00", now, "il y a 1~h", "1 h ago"},
		{"2026-11-20 14:01", now, "il y a 5~h", "5 h ago"},
		{"2026-11-20 13:00", now, "aujourd’hui, 13~h", "today, 13:00"},
		{"2026-11-20 08:05", now, "ce matin, 8~h~05", "this morning, 08:05"},
		{"2026-11-20 03:10", now, "aujourd’hui, 3~h~10", "today, 03:10"},
		{"2026-11-19 18:42", now, "hier, 18~h~42", "yesterday, 18:42"},
		{"2026-11-19 00:00", now, "hier, 0~h", "yesterday, 00:00"},
		{"2026-11-18 23:59", now, "18~nov. 2026", "18 Nov 2026"},
		{"2026-11-30 09:00", now, "30~nov. 2026", "30 Nov 2026"},
		// Across midnight, and on the night the clocks go back (25 hours).
		{"2026-11-19 23:00", "2026-11-20 01:00", "il y a 2~h", "2 h ago"},
		{"2026-10-24 12:00", "2026-10-25 23:00", "hier, 12~h", "yesterday, 12:00"},
	}
	for _, tt := range tests {
		wantText(t, text.For(text.FR).Ago(at(t, tt.then), at(t, tt.now)), tt.fr)
		wantText(t, text.For(text.EN).Ago(at(t, tt.then), at(t, tt.now)), tt.en)
	}
}

func TestDuration(t *testing.T) {
	const day = 24 * time.Hour
	tests := []struct {
		d      time.Duration
		fr, en string
	}{
		{0, "1~seconde", "1 second"},
		{-time.Hour, "1~seconde", "1 second"},
		{1500 * time.Millisecond, "2~secondes", "2 seconds"},
		{5 * time.Minute, "5~minutes", "5 minutes"},
		{59*time.Minute + 59500*time.Millisecond, "1~heure", "1 hour"},
		{time.Hour, "1~heure", "1 hour"},
		{90 * time.Minute, "1~heure et 30~minutes", "1 hour and 30 minutes"},
		{time.Hour + time.Second, "1~heure et 1~minute", "1 hour and 1 minute"},
		{30 * day, "30~jours", "30 days"},
		{25 * time.Hour, "1~jour et 1~heure", "1 day and 1 hour"},
		{23*time.Hour + 59*time.Minute + 30*time.Second, "1~jour", "1 day"},
	}
	for _, tt := range tests {
		wantText(t, text.For(text.FR).Duration(tt.d), tt.fr)
		wantText(t, text.For(text.EN).Duration(tt.d), tt.en)
	}
}

func TestNumberAndList(t *testing.T) {
	fr, en := text.For(text.FR), text.For(text.EN)
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1~000", -1234567: "−1~234~567", 100000: "100~000"} {
		wantText(t, fr.Number(n), want)
	}
	wantText(t, en.Number(1234567), "1,234,567")
	wantText(t, fr.List(nil), "")
	wantText(t, fr.List([]string{"a"}), "a")
	wantText(t, fr.List([]string{"a", "b"}), "a et b")
	wantText(t, fr.List([]string{"a", "b", "c"}), "a, b et c")
	wantText(t, en.List([]string{"a", "b", "c"}), "a, b and c")
}

// MEM-11: an invitation just sent has 30 days. Midnight is that of France.
func TestDaysUntil(t *testing.T) {
	for _, c := range []struct {
		from, to string
		days     int
	}{
		{"2026-11-21 22:00", "2026-12-21 22:00", 30},
		{"2026-11-21 23:59", "2026-11-22 00:01", 1},
		{"2026-11-21 00:00", "2026-11-21 23:59", 0},
		{"2026-10-24 23:30", "2026-10-25 23:45", 1}, // a day of 25 hours
		{"2026-11-21 12:00", "2026-11-20 12:00", -1},
	} {
		if got := text.DaysUntil(at(t, c.to), at(t, c.from)); got != c.days {
			t.Errorf("from %s to %s: %d days, want %d", c.from, c.to, got, c.days)
		}
	}
}
