package job

import "time"

// GatherEvery is the time of which one letter gathers what happened: forty things are not forty
// letters.
const GatherEvery = time.Hour

// gatherMargin is how long after its time the job begins: by then, what was begun in it has
// committed.
const gatherMargin = 2 * time.Minute

// Gather orders one job for all that happens in the GatherEvery of a moment about something. args
// makes its arguments from where that time begins.
func Gather(now time.Time, about string, args func(from time.Time) Args) Order {
	from := now.Truncate(GatherEvery)
	return Order{
		Args: args(from), Priority: Bulk, At: from.Add(GatherEvery + gatherMargin), Unique: about + " " + from.Format(time.RFC3339),
	}
}
