package text

import "strings"

// Browser says in words which browser and system a User-Agent stands for: enough for people
// to know their own.
func (p *Printer) Browser(agent string) string {
	browser, system := BrowserOf(agent)
	switch {
	case browser != "" && system != "":
		return p.T("account.device.both", "Browser", browser, "System", system)
	case browser+system != "":
		return browser + system
	}
	return p.T("account.device.unknown")
}

// BrowserOf names the browser and the system that a User-Agent stands for, whatever their
// versions; empty: unknown. Order matters: each of them also names the next.
func BrowserOf(agent string) (browser, system string) {
	browser = firstOf(agent, [][2]string{
		{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
	})
	system = firstOf(agent, [][2]string{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"Linux", "Linux"},
	})
	return browser, system
}

func firstOf(agent string, known [][2]string) string {
	for _, k := range known {
		if strings.Contains(agent, k[0]) {
			return k[1]
		}
	}
	return ""
}
