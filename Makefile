# 未保 weibao. "make help" lists what there is.
GO ?= go
LINTER := .bin/golangci-lint
# Built, not "go run": its exit code says what happened.
STACK = $(GO) build -o bin/stack ./cmd/stack && bin/stack

.DEFAULT_GOAL := help
.PHONY: help demo up down status setup build test test-tools unit e2e test-long chaos-floor bench lint

help: ## 列出目标 this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## 一条命令看三通电话 set up, start, and act out three calls
	@$(STACK) demo

up: ## 启动整个系统 start the whole system on loopback
	@$(STACK) up

down: ## 全部停止 stop it
	@$(STACK) down

status: ## 各部分是否在运行 what runs
	@$(STACK) status

setup: ## 准备工具、Asterisk、语音 tools, Asterisk, prompts; starts nothing
	@$(STACK) setup

build: ## 编译 build bin/weibao
	$(GO) build -o bin/weibao ./cmd/weibao

test: setup test-tools lint unit e2e ## 全部测试 everything CI runs

test-tools: ## 测试还需要的 what only the tests need
	@$(STACK) test-tools

unit: ## 单元、属性、一致性、架构测试 unit, property, conformance and architecture tests
	$(GO) test -race -shuffle=on $$($(GO) list ./... | grep -v /tests/e2e)

e2e: ## 真 Asterisk 上的端到端测试 end to end on the real Asterisk
	$(GO) test -shuffle=on -parallel 4 -count=1 ./tests/e2e

test-long: ## 一百万种事件顺序、一万个值班表的每一分钟 a million orders of events, 10,000 rotas over twelve years
	WEIBAO_ORDERS=1000000 $(GO) test -count=1 -timeout 60m -run "Whatever|Wherever" ./call
	WEIBAO_PLANS=20000 $(GO) test -count=1 -timeout 60m -run NoPlanThatLoads ./configs
	WEIBAO_SEEDS=25 $(GO) test -count=1 -timeout 60m -run NothingIsForgotten ./record/outbox
	WEIBAO_ROTAS=10000 $(GO) test -count=1 -timeout 3h -run RandomRota ./routing

chaos-floor: setup ## 坐席响铃到接通之间杀网关一百次 kill the gateway a hundred times between claim and join
	WEIBAO_KILLS=$${WEIBAO_KILLS:-100} $(GO) test -count=1 -timeout 60m -v -run KilledBetweenTheClaim ./tests/e2e

bench: setup ## 测量，和 app_queue 比较；BENCH=short 两分钟，BENCH=keep 写入 tests/bench/RESULTS.md the measurements, beside app_queue
	$(GO) test -run '^$$' -bench . -benchmem $$($(GO) list ./... | grep -v /tests/bench/side)
	WEIBAO_BENCH=$(BENCH) $(GO) test -run '^$$' -bench . -benchtime 1x -timeout 30m ./tests/bench/side

lint: $(LINTER) ## 静态检查 linters
	$(LINTER) run --allow-parallel-runners ./...

# The linter of that version, built once.
$(LINTER): golangci-lint.version
	GOBIN=$(CURDIR)/.bin $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$$(cat golangci-lint.version)
	@touch $(LINTER)
