package departure

// Stopping calls fn after each transaction of the work; an error stops the work there, as a killed
// server would.
func (d Departures) Stopping(fn func(Stage) error) Departures {
	d.between = fn
	return d
}

// IsSelf is isSelf.
var IsSelf = isSelf
