package dated

// Stopping makes Tell stop with err after its first n transactions: as a server that ends there.
func (d Dates) Stopping(n int, err error) Dates {
	done := 0
	d.between = func() error {
		if done++; done > n {
			return err
		}
		return nil
	}
	return d
}

// AtOnce is how many rows one transaction tells of.
const AtOnce = atOnce

// Questions are the statements that find what is due.
func Questions() (list []string) {
	for _, b := range branches {
		list = append(list, `select distinct x.org_id, `+b.date()+` from `+sources[b.of].table+
			` where `+b.date()+` > $1 and `+b.date()+` <= $2`+b.known())
	}
	return list
}
