package notify

// WriteLeft tells a person that they have left an organisation, and what it means. f.By is
// not used: they did it themselves.
func WriteLeft(to Recipient, f AccessFacts) (Letter, error) {
	w := write(KindLeft, to, &f.Org, map[string]any{"At": f.At})
	w.say("intro", "others")
	w.openYourself()
	return w.end("account", f.Contact)
}

// WriteLeaver tells an administrator who has left the organisation: f.By.
func WriteLeaver(to Recipient, f AccessFacts) (Letter, error) {
	w := write(KindLeaver, to, &f.Org, map[string]any{"By": f.By, "At": f.At})
	w.say("intro", "left_behind")
	w.openYourself()
	return w.end("administers", f.Contact)
}
