package node

import (
	"bytes"
	"fmt"
	"os/exec"
	"strings"
)

const ruleComment = "tenantry-pods"

// firewallRules let the pods out. One rule for all of them takes the place of the bridge plugin's
// chain per pod, which costs each pod two runs of iptables.
var firewallRules = [][]string{
	{"-t", "nat", "POSTROUTING", "-s", podNetwork, "!", "-d", podNetwork, "-j", "MASQUERADE"},
	{"-t", "filter", "FORWARD", "-i", bridgeName, "-j", "ACCEPT"},
	{"-t", "filter", "FORWARD", "-o", bridgeName, "-j", "ACCEPT"},
}

func ensureFirewallRules() error {
	for _, rule := range firewallRules {
		table, chain, match := rule[1], rule[2], rule[3:]
		match = append(match[:len(match):len(match)], "-m", "comment", "--comment", ruleComment)
		check := append([]string{"-w", "-t", table, "-C", chain}, match...)
		if exec.Command("iptables", check...).Run() == nil {
			continue
		}
		if err := run("iptables", append([]string{"-w", "-t", table, "-A", chain}, match...)...); err != nil {
			return err
		}
	}
	return nil
}

// removeFirewallRules removes our rules, kube-proxy's and the kubelet's, and leaves all others.
func removeFirewallRules() error {
	for _, family := range []string{"iptables", "ip6tables"} {
		before, err := exec.Command(family + "-save").Output()
		if err != nil {
			return fmt.Errorf("list the rules of %s: %w", family, err)
		}
		after := withoutOurs(string(before))
		if after == string(before) {
			continue
		}
		restore := exec.Command(family+"-restore", "-w")
		restore.Stdin = strings.NewReader(after)
		var complaint bytes.Buffer
		restore.Stderr = &complaint
		if err := restore.Run(); err != nil {
			return fmt.Errorf("remove the cluster's rules from %s: %s", family, complaint.String())
		}
	}
	return nil
}

func withoutOurs(rules string) string {
	var kept strings.Builder
	for line := range strings.Lines(rules) {
		if strings.Contains(line, "KUBE-") || strings.Contains(line, ruleComment) {
			continue
		}
		kept.WriteString(line)
	}
	return kept.String()
}
