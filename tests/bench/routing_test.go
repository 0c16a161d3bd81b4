// Package bench holds the measurements that the product is held to. Nothing
// here asserts a time: machines differ, figures are for people.
package bench

import (
	"fmt"
	"testing"
	"time"

	"weibao/configs"
	"weibao/routing"
)

// jilin is the configuration of the province as it is shipped.
func jilin(b *testing.B) *configs.Snapshot {
	b.Helper()
	s, faults := configs.Read(configs.Shipped(), time.Now())
	if err := faults.Err(); err != nil {
		b.Fatal(err)
	}
	return s
}

func request(at time.Time) routing.Request {
	return routing.Request{Dialled: "12345", Region: "222400", Key: "6", Intent: "minors", At: at}
}

func BenchmarkDecideJilinUntraced(b *testing.B) {
	plan := jilin(b).Guide.Plan
	r := request(time.Now())
	r.Untraced = true
	b.ReportAllocs()
	for b.Loop() {
		plan.Decide(r)
	}
}

func BenchmarkDecideJilinWithItsTrace(b *testing.B) {
	plan := jilin(b).Guide.Plan
	r := request(time.Now())
	b.ReportAllocs()
	for b.Loop() {
		plan.Decide(r)
	}
}

func BenchmarkRotaOn(b *testing.B) {
	g := jilin(b).Guide
	at := time.Now()
	for _, post := range []string{"220100", "222400"} {
		rota, has := g.Rotas.Post(post)
		if !has {
			b.Fatalf("no post %s", post)
		}
		b.Run(post, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				rota.On(at)
			}
		})
	}
}

func BenchmarkReadAndCompileJilin(b *testing.B) {
	at := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		if _, faults := configs.Read(configs.Shipped(), at); len(faults) > 0 {
			b.Fatal(faults)
		}
	}
}

// manyRoutes is a tree with n routes below the root, two matchers each.
func manyRoutes(n int) routing.Draft {
	root := &routing.Route{Name: "root", Steps: []routing.PlanStep{{Target: routing.Target{Kind: routing.ToDuty, Name: routing.RegionName}}}}
	for i := range n {
		root.Children = append(root.Children, &routing.Route{Name: fmt.Sprint(i), Match: []routing.Matcher{
			{Fact: routing.FactRegion, Values: []string{fmt.Sprint(220000 + i%10*100)}},
			{Fact: routing.FactDialled, Values: []string{fmt.Sprint(12000 + i)}},
		}})
	}
	return routing.Draft{Root: root}
}

func BenchmarkCompile10000Routes(b *testing.B) {
	draft := manyRoutes(10_000)
	b.ReportAllocs()
	for b.Loop() {
		routing.NewPlan(draft)
		draft.Root.Hidden()
	}
}

func BenchmarkDecideAmong(b *testing.B) {
	for _, n := range []int{10, 100, 1000, 10_000} {
		plan := routing.NewPlan(manyRoutes(n))
		r := routing.Request{Region: fmt.Sprint(220000 + (n-1)%10*100), Dialled: fmt.Sprint(12000 + n - 1), Untraced: true}
		if d := plan.Decide(r); d.Route != fmt.Sprint(n-1) {
			b.Fatalf("route %s", d.Route)
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				plan.Decide(r)
			}
		})
	}
}
