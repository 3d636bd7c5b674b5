package node

import (
	"time"

	"github.com/miekg/dns"
)

// answeringResolvers are those of the machine's resolvers that answer at all. A machine without
// network names some that never do, and every unknown name would cost each pod seconds.
func answeringResolvers() []string {
	config, err := dns.ClientConfigFromFile("/etc/resolv.conf")
	if err != nil {
		return nil
	}
	question := new(dns.Msg).SetQuestion(".", dns.TypeNS)
	client := &dns.Client{Timeout: time.Second}
	var answering []string
	for _, server := range config.Servers {
		if _, _, err := client.Exchange(question, server+":53"); err == nil {
			answering = append(answering, server)
		}
	}
	return answering
}
