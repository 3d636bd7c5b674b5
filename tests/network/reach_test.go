// Package network asks of the rendered NetworkPolicies who may reach whom. Cyclonus answers as a
// network that enforces them would; the local cluster's does not.
package network

import (
	"fmt"
	"testing"

	"github.com/mattfenwick/cyclonus/pkg/matcher"
	corev1 "k8s.io/api/core/v1"
)

const (
	shop     = "tenant-acme--shop42"
	neighbor = "tenant-acme--neighbor"
)

func TestWhoMayReachWhom(t *testing.T) {
	tenant := read(t, "manifests__small_tenant")
	server := read(t, "manifests__database_server")
	template := read(t, "manifests__template_job_without_language")
	partner := read(t, "manifests__partner")
	certified := read(t, "tls__ingress_with_a_cluster_issuer")
	other := read(t, "manifests__small_tenant").renamed(shop, neighbor)
	policies := matcher.BuildNetworkPolicies(true, gather(tenant, server, template, partner, certified, other))

	odoo := tenant.pods(t, "Deployment")
	beside := odoo.labelled(map[string]string{"job-name": "update"})
	north := "tenant-acme--shop-of-the-north"
	solver := certified.in(t, north, map[string]string{"acme.cert-manager.io/http01-solver": "true"})
	another := other.pods(t, "Deployment")
	postgresql := server.pods(t, "StatefulSet")
	templateJob := template.pods(t, "Job")
	inPartner := partner.in(t, "partner-acme", map[string]string{"app": "anything"})
	ingress := stranger("projectcontour", map[string]string{"app.kubernetes.io/name": "envoy"})
	dns := stranger("kube-system", map[string]string{"app.kubernetes.io/name": "coredns"})
	tenantryd := stranger("tenantry-system", map[string]string{"app.kubernetes.io/name": "tenantryd"})
	nobody := stranger("default", map[string]string{"app.kubernetes.io/name": "odoo"})
	mailServer := outside("198.51.100.25")
	cloudMetadata := outside("169.254.169.254")
	machine := outside("192.168.1.10")

	for _, question := range []struct {
		source      party
		destination party
		port        int
		protocol    corev1.Protocol
		allowed     bool
	}{
		{ingress, odoo, 8069, tcp, true},
		{ingress, odoo, 8072, tcp, true},
		{ingress, odoo, 22, tcp, false},
		{ingress, beside, 8069, tcp, false},
		{ingress, postgresql, 5432, tcp, false},
		{ingress, solver, 8089, tcp, true},
		{ingress, solver, 8069, tcp, false},
		{nobody, solver, 8089, tcp, false},
		{nobody, odoo, 8069, tcp, false},
		{another, odoo, 8069, tcp, false},
		{beside, odoo, 8069, tcp, false},
		{tenantryd, odoo, 8069, tcp, false},
		{machine, odoo, 8069, tcp, false},
		{mailServer, odoo, 8069, tcp, false},

		{odoo, postgresql, 5432, tcp, true},
		{beside, postgresql, 5432, tcp, true},
		{another, postgresql, 5432, tcp, true},
		{tenantryd, postgresql, 5432, tcp, true},
		{templateJob, postgresql, 5432, tcp, true},
		{odoo, postgresql, 22, tcp, false},
		{odoo, templateJob, 5432, tcp, false},
		{nobody, postgresql, 5432, tcp, false},
		{inPartner, postgresql, 5432, tcp, false},
		{machine, postgresql, 5432, tcp, false},

		{odoo, dns, 53, corev1.ProtocolUDP, true},
		{beside, dns, 53, tcp, true},
		{templateJob, dns, 53, corev1.ProtocolUDP, true},
		{postgresql, dns, 53, corev1.ProtocolUDP, true},
		{odoo, dns, 9153, tcp, false},
		{inPartner, dns, 53, corev1.ProtocolUDP, false},

		{odoo, mailServer, 587, tcp, true},
		{beside, mailServer, 443, tcp, true},
		{odoo, cloudMetadata, 80, tcp, false},
		{odoo, machine, 10250, tcp, false},
		{odoo, nobody, 8069, tcp, false},
		{odoo, another, 8069, tcp, false},
		{odoo, tenantryd, 8443, tcp, false},
		{postgresql, mailServer, 443, tcp, false},
		{postgresql, odoo, 8069, tcp, false},
		{templateJob, mailServer, 443, tcp, false},
		{inPartner, mailServer, 443, tcp, false},
	} {
		name := fmt.Sprintf("%s to %s %s %d", question.source.name, question.destination.name,
			question.protocol, question.port)
		t.Run(name, func(t *testing.T) {
			answer := policies.IsTrafficAllowed(&matcher.Traffic{
				Source:       question.source.peer,
				Destination:  question.destination.peer,
				ResolvedPort: question.port,
				Protocol:     question.protocol,
			})
			if answer.IsAllowed() != question.allowed {
				t.Errorf("allowed is %t:\n%s", answer.IsAllowed(), answer.Table())
			}
		})
	}
}

const tcp = corev1.ProtocolTCP
