package review

// Stopping calls fn after each transaction of the work; an error stops the work there, as a killed
// server would.
func (r Reviews) Stopping(fn func(Stage) error) Reviews {
	r.between = fn
	return r
}
