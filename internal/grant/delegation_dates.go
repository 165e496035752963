package grant

import (
	"time"

	"habilis/internal/fault"
	"habilis/internal/text"
)

// Days reads the first and the last day of a delegation, both included, by the calendar of
// metropolitan France: "2026-12-01". Empty: now, and without an end. What is no day is
// noted at "from" and "until".
func Days(wrong *fault.Fields, from, until string) (start, end *time.Time) {
	start, end = dayTyped(wrong, "from", from), dayTyped(wrong, "until", until)
	if end != nil {
		after := end.In(text.Zone).AddDate(0, 0, 1).UTC()
		end = &after
	}
	return start, end
}

func dayTyped(wrong *fault.Fields, at, typed string) *time.Time {
	if typed == "" {
		return nil
	}
	d, err := time.ParseInLocation(time.DateOnly, typed, text.Zone)
	if err != nil {
		wrong.Add(at, "member.date_malformed")
		return nil
	}
	d = d.UTC()
	return &d
}

// LastDay is the day that an end is said by, and whether it lasts to its midnight: an end
// at midnight is the day before, whole.
func LastDay(until time.Time) (day time.Time, whole bool) {
	at := until.In(text.Zone)
	if at.Hour() == 0 && at.Minute() == 0 && at.Second() == 0 && at.Nanosecond() == 0 {
		return at.AddDate(0, 0, -1), true
	}
	return at, false
}
