using System.Buffers;
using System.IO.Pipelines;
using DeviceMail.Accounts;
using DeviceMail.Messages;
using DeviceMail.Queue;
using DeviceMail.Sending;
using DeviceMail.Settings;
using DeviceMail.Tests.Accounts;
using DeviceMail.Tests.Kit;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeviceMail.Tests.Sending;

/// <summary>What one account's trouble does to its mail, and what it does not do to anybody else's.</summary>
public sealed class AccountSenderTests
{
    [Fact]
    public async Task No_minute_sees_more_messages_than_the_budget()
    {
        await using var stage = new Stage();
        await using var server = new ScriptedServer();
        var account = await stage.AddAsync(server, account => account with { Budget = new Budget(3, 25, 0) });
        for (var count = 0; count < 60; count++) await stage.AcceptAsync(account);
        await stage.StartAsync();
        foreach (var (sent, left) in ((int, int)[])[(25, 35), (50, 10), (60, 0)])
        {
            await LabGateway.EventuallyAsync(() => stage.InState(JobState.Sent) == sent && stage.Queue.InLine(account.Id) == left);
            Assert.Equal(sent, server.Messages.Count);
            stage.Time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    [Fact]
    public async Task What_was_sent_before_a_restart_counts_into_the_days_budget()
    {
        await using var stage = new Stage();
        await using var server = new ScriptedServer();
        var account = await stage.AddAsync(server, account => account with { Budget = new Budget(3, 0, 3) });
        for (var count = 0; count < 3; count++) await stage.AcceptAsync(account);
        await stage.StartAsync();
        await stage.AllSentAsync(3);
        await stage.StopAsync();
        stage.Time.Advance(TimeSpan.FromHours(23));
        await stage.StartAsync();
        await stage.AcceptAsync(account);
        await LabGateway.EventuallyAsync(() => stage.Budgets.Of(account.Id).FullUntil is not null);
        Assert.Equal(3, stage.Budgets.Of(account.Id).RecipientsToday);
        stage.Time.Advance(TimeSpan.FromHours(1));
        await stage.AllSentAsync(4);
    }

    [Fact]
    public async Task A_mail_whose_own_sender_is_not_allowed_is_held_alone()
    {
        await using var stage = new Stage();
        await using var server = new ScriptedServer();
        server.Say("MAIL FROM:<printer@", "550 5.7.60 SMTP; Client does not have permissions to send as this sender");
        var account = await stage.AddAsync(server, account => account with { SenderPolicy = SenderPolicy.Keep, Budget = new Budget(1, 0, 0) });
        await stage.AcceptAsync(account);
        await stage.AcceptAsync(account, "scan@contoso.example");
        await stage.StartAsync();
        await stage.AllSentAsync(1);
        Assert.Equal((JobState.Held, "send-as-denied"), (stage.Queue.Find(1)!.State, stage.Queue.Find(1)!.Problem));
        Assert.Null(stage.Accounts.Status.StandsInTheWay(account.Id));
        // The script is over: it may now. Nobody says so, and it is found out.
        for (var hour = 0; hour < 3; hour++) stage.Time.Advance(TimeSpan.FromHours(1));
        await stage.AllSentAsync(2);
    }

    [Fact]
    public async Task Each_probe_tries_another_held_mail()
    {
        await using var stage = new Stage();
        await using var server = new ScriptedServer();
        server.Say("MAIL", [.. Enumerable.Repeat("535 5.7.3 Authentication unsuccessful", 4)]);
        var account = await stage.AddAsync(server, account => account with { Budget = new Budget(1, 0, 0) });
        for (var count = 0; count < 3; count++) await stage.AcceptAsync(account);
        await stage.StartAsync();
        await LabGateway.EventuallyAsync(() => stage.InState(JobState.Held) == 3);
        await LabGateway.EventuallyAsync(() =>
        {
            stage.Time.Advance(TimeSpan.FromMinutes(1));
            return stage.InState(JobState.Sent) == 3;
        });
        // Refused with the account or alone in a probe: each of them once, the first one in its own attempt too.
        Assert.All((long[])[1, 2, 3], id => Assert.Equal(2, stage.Queue.HistoryOf(id).Where(step => step.Kind == JobEventKind.Held).Sum(step => step.Times)));
    }

    [Fact]
    public async Task No_more_connections_are_open_than_the_budget_allows()
    {
        await using var stage = new Stage();
        await using var server = new ScriptedServer();
        server.Say(".", "silent", "silent", "silent");
        var account = await stage.AddAsync(server);
        for (var count = 0; count < 5; count++) await stage.AcceptAsync(account);
        await stage.StartAsync();
        await LabGateway.EventuallyAsync(() => server.Messages.Count == 3);
        Assert.Equal(3, server.Connections);
        Assert.Equal(2, stage.Queue.InLine(account.Id));
    }

    [Fact]
    public async Task The_providers_limit_rests_the_account_and_is_no_fault()
    {
        await using var stage = new Stage();
        await using var server = new ScriptedServer();
        server.Say(".", "432 4.3.2 Concurrent connections limit exceeded");
        var account = await stage.AddAsync(server, account => account with { Budget = new Budget(1, 0, 0) });
        for (var count = 0; count < 3; count++) await stage.AcceptAsync(account);
        await stage.StartAsync();
        await LabGateway.EventuallyAsync(() => stage.Queue.Find(1)!.Problem == "provider-limit");
        Assert.Equal(0, stage.Queue.Find(1)!.Attempts);
        Assert.Equal(1, Mails(server));
        stage.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(1, Mails(server));
        stage.Time.Advance(TimeSpan.FromSeconds(1));
        await stage.AllSentAsync(3);
        Assert.Equal(4, Mails(server));
    }

    [Fact]
    public async Task Account_trouble_holds_all_its_mail_untried_and_a_probe_lets_it_go()
    {
        await using var stage = new Stage();
        await using var server = new ScriptedServer();
        server.Say(".", "554 5.2.252 SendAsDenied", "535 5.7.139 blocked");
        var account = await stage.AddAsync(server, account => account with { Budget = new Budget(1, 0, 0) });
        for (var count = 0; count < 3; count++) await stage.AcceptAsync(account);
        await stage.StartAsync();
        await LabGateway.EventuallyAsync(() => stage.InState(JobState.Held) == 3);
        Assert.Equal(1, Mails(server));
        Assert.Equal("send-as-denied", stage.Accounts.Status.StandsInTheWay(account.Id)?.Key);
        // The first cause is gone, the next one shows itself and is shown.
        stage.Time.Advance(TimeSpan.FromMinutes(1));
        await LabGateway.EventuallyAsync(() => Mails(server) == 2 && stage.Accounts.Status.StandsInTheWay(account.Id)?.Key == "blocked-by-policy");
        await LabGateway.EventuallyAsync(() => stage.InState(JobState.Held) == 3);
        stage.Time.Advance(TimeSpan.FromMinutes(2));
        await stage.AllSentAsync(3);
        Assert.Null(stage.Accounts.Status.StandsInTheWay(account.Id));
        Assert.Equal(5, Mails(server));
    }

    [Fact]
    public async Task What_a_policy_blocked_goes_out_by_itself_when_the_policy_is_gone()
    {
        await using var stage = new Stage();
        await using var provider = await ScriptedProvider.StartAsync();
        await using var server = UpstreamPoolTests.TokenServer("235 2.7.0 welcome", "235 2.7.0 welcome", "235 2.7.0 welcome");
        provider.Script.Enqueue(ProviderAnswer.Error("invalid_grant", "AADSTS53003: blocked by Conditional Access"));
        var account = await stage.AddAsync(server, provider: provider);
        await stage.Accounts.SignInAsync(account);
        await stage.AcceptAsync(account);
        await stage.StartAsync();
        await LabGateway.EventuallyAsync(() => stage.InState(JobState.Held) == 1);
        Assert.Equal(370, stage.Accounts.Status.StandsInTheWay(account.Id)?.Code);
        stage.Time.Advance(TimeSpan.FromMinutes(1));
        await stage.AllSentAsync(1);
    }

    [Fact]
    public async Task An_expired_sign_in_holds_mail_with_361_and_a_new_one_sends_it()
    {
        await using var stage = new Stage();
        await using var provider = await ScriptedProvider.StartAsync();
        await using var server = UpstreamPoolTests.TokenServer("235 2.7.0 welcome", "235 2.7.0 welcome", "235 2.7.0 welcome");
        provider.Script.Enqueue(ProviderAnswer.Error("invalid_grant", "AADSTS700082: The refresh token has expired due to inactivity."));
        var account = await stage.AddAsync(server, provider: provider);
        await stage.Accounts.SignInAsync(account);
        await stage.AcceptAsync(account);
        await stage.StartAsync();
        await LabGateway.EventuallyAsync(() => stage.InState(JobState.Held) == 1);
        Assert.Equal(361, stage.Accounts.Status.StandsInTheWay(account.Id)?.Code);
        stage.Time.Advance(TimeSpan.FromSeconds(1));
        await stage.Accounts.SignInAsync(account, "refresh-new");
        await stage.AllSentAsync(1);
    }

    [Fact]
    public async Task Signing_out_ends_the_connections_and_holds_the_mail()
    {
        await using var stage = new Stage();
        await using var provider = await ScriptedProvider.StartAsync();
        await using var server = UpstreamPoolTests.TokenServer("235 2.7.0 welcome");
        var account = await stage.AddAsync(server, provider: provider);
        await stage.Accounts.SignInAsync(account);
        await stage.AcceptAsync(account);
        await stage.StartAsync();
        await stage.AllSentAsync(1);
        await stage.Accounts.Tokens.ReplaceAsync(account, null, () => stage.Accounts.Status.ReportSignInAsync(account, _ => new SignInRecord()));
        await stage.AcceptAsync(account);
        await LabGateway.EventuallyAsync(() => stage.InState(JobState.Held) == 1);
        Assert.Equal("not-signed-in", stage.Queue.Find(2)!.Problem);
        Assert.Equal(1, Mails(server));
    }

    [Fact]
    public async Task Changed_settings_are_used_from_the_next_mail_on()
    {
        await using var stage = new Stage();
        await using var before = new ScriptedServer();
        await using var after = new ScriptedServer();
        var account = await stage.AddAsync(before);
        await stage.AcceptAsync(account);
        await stage.StartAsync();
        await stage.AllSentAsync(1);
        await stage.Accounts.AddAsync(account with { Port = after.Port });
        await stage.AcceptAsync(account);
        await stage.AllSentAsync(2);
        Assert.Equal((1, 1), (Mails(before), Mails(after)));
    }

    [Fact]
    public async Task A_dead_account_does_not_slow_another()
    {
        await using var stage = new Stage();
        await using var dead = new ScriptedServer();
        await using var alive = new ScriptedServer();
        dead.Say("", [.. Enumerable.Repeat("silent", 50)]);
        var first = await stage.AddAsync(dead);
        var second = await stage.AddAsync(alive, account => account with { Address = MailAddress.Parse("second@contoso.example") });
        for (var count = 0; count < 10; count++) await stage.AcceptAsync(first);
        for (var count = 0; count < 10; count++) await stage.AcceptAsync(second);
        await stage.StartAsync();
        await stage.AllSentAsync(10);
        // The clock stood still: nothing of the dead account has even run into its limit.
        Assert.Equal(10, alive.Messages.Count);
        Assert.Equal(10, stage.InState(JobState.Waiting));
        Assert.All(stage.Queue.List(new JobFilter(JobState.Waiting)), job => Assert.Equal(0, job.Attempts));
    }

    private static int Mails(ScriptedServer server) => server.Commands.Count(command => command.StartsWith("MAIL", StringComparison.Ordinal));

    /// <summary>Accounts, queue and the worker that sends for all of them.</summary>
    private sealed class Stage : IAsyncDisposable
    {
        private readonly SenderFolder _folder = new();
        private SendWorker? _worker;

        public AccountFolder Accounts => _folder.Accounts;

        public Microsoft.Extensions.Time.Testing.FakeTimeProvider Time => _folder.Time;

        public MailQueue Queue => _folder.Queue;

        public Task<Account> AddAsync(ScriptedServer server, Func<Account, Account>? change = null, ScriptedProvider? provider = null)
        {
            var account = AccountFolder.Describe("scan@contoso.example", server.Port, provider);
            return Accounts.AddAsync(change is null ? account : change(account));
        }

        public async Task AcceptAsync(Account account, string sender = "printer@contoso.example")
        {
            var envelope = new Envelope
            {
                Sender = MailAddress.Parse(sender),
                Recipients = [MailAddress.Parse("anna@contoso.example")],
                AccountId = account.Id,
                Origin = new Origin(),
            };
            var octets = new ReadOnlySequence<byte>("Subject: scan\r\n\r\nhello\r\n"u8.ToArray());
            Assert.IsType<AcceptOutcome.Accepted>(await Queue.Accept(envelope, PipeReader.Create(octets), TestContext.Current.CancellationToken));
        }

        public Task StartAsync()
        {
            var database = Accounts.Folder.Database;
            var parts = new SendingParts(Queue, Accounts.Accounts, Accounts.Status)
            {
                Sender = _folder.Mail,
                Gateway = new GatewayIdentitySource(new SettingsStore(database), new GatewayMark(database)),
                Time = Time,
                Budgets = Budgets,
            };
            _worker = new SendWorker(parts, _folder.Accounts.Outside, NullLogger<SendWorker>.Instance);
            return _worker.StartAsync(TestContext.Current.CancellationToken);
        }

        public long InState(JobState state) => Queue.Counts().GetValueOrDefault(state);

        public Task AllSentAsync(int count) => LabGateway.EventuallyAsync(() => InState(JobState.Sent) == count);

        public BudgetBoard Budgets { get; } = new();

        public async Task StopAsync()
        {
            if (_worker is null) return;
            await _worker.StopAsync(CancellationToken.None);
            _worker.Dispose();
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            await _folder.DisposeAsync();
        }
    }
}
