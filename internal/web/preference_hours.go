package web

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"habilis/internal/setting"
)

// typedClock is a time of day as people write it: 8, 8h, 8 h 30, 08:30, 8.30.
var typedClock = regexp.MustCompile(`(\d{1,2})(?:\s*[hH:.]\s*(\d{2})?)?`)

// betweenClocks is what may stand between two of them.
const betweenClocks = " \t\u00a0\u202f,;/-–—à&+"

// parseRanges reads the hours of a day as typed: «8 h 30 – 12 h, 14 h – 18 h». false: it cannot
// be read. Nothing typed is no hours.
func parseRanges(typed string) ([]setting.Range, bool) {
	typed = strings.NewReplacer("\u00a0", " ", "\u202f", " ", " a ", "-", " et ", ", ", " and ", ", ", " to ", "-").Replace(typed)
	if strings.Trim(typedClock.ReplaceAllString(typed, ""), betweenClocks) != "" {
		return nil, false
	}
	var times []setting.Clock
	for _, found := range typedClock.FindAllStringSubmatch(typed, -1) {
		c, ok := clockOf(found[1], found[2])
		if !ok {
			return nil, false
		}
		times = append(times, c)
	}
	if len(times)%2 != 0 {
		return nil, false
	}
	var ranges []setting.Range
	for i := 0; i < len(times); i += 2 {
		ranges = append(ranges, setting.Range{From: times[i], To: times[i+1]})
	}
	return ranges, true
}

func clockOf(hour, minute string) (setting.Clock, bool) {
	h, err := strconv.Atoi(hour)
	if err != nil {
		return 0, false
	}
	return setting.ParseClock(fmt.Sprintf("%02d:%02s", h, cmp.Or(minute, "00")))
}
