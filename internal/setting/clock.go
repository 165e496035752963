package setting

import (
	"errors"
	"fmt"
	"strconv"
)

// Clock is a time of day, in minutes after midnight: 0 to EndOfDay.
type Clock int

// EndOfDay is "24:00".
const EndOfDay Clock = 24 * hour

const hour = 60

var errClock = errors.New("setting: not a time of day")

// ParseClock reads "08:30". The second value is false for another text, and for what is no time of
// a day; "24:00" is its end.
func ParseClock(s string) (Clock, bool) {
	if len(s) != len("08:30") || s[2] != ':' {
		return 0, false
	}
	h, bad := digits(s[:2])
	m, wrong := digits(s[3:])
	c := Clock(h*hour + m)
	return c, !bad && !wrong && m < hour && c <= EndOfDay
}

func digits(s string) (n int, bad bool) {
	u, err := strconv.ParseUint(s, 10, 8)
	return int(u), err != nil
}

// String is "08:30".
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/hour, int(c)%hour) }

// MarshalText writes "08:30".
func (c Clock) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads it. Errors: for what is no time of a day.
func (c *Clock) UnmarshalText(b []byte) error {
	v, ok := ParseClock(string(b))
	if !ok {
		return errClock
	}
	*c = v
	return nil
}
