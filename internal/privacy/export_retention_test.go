package privacy

// StopRetention makes the work of retention end after a batch, as a kill would.
func StopRetention(r *Retentions, between func() error) { r.between = between }

// StopExit makes the work of leaving end after a part, as a kill would.
func StopExit(e *Exits, between func(stage string) error) { e.between = between }

// RegisterTables are the tables of each entry of the register.
func RegisterTables() map[string][]string {
	out := map[string][]string{}
	for _, e := range register {
		out[e.Code] = e.tables
	}
	return out
}

// LeftOut and Withheld are what a full export does not hold.
var (
	LeftOut  = leftOut
	Withheld = withheld
)
