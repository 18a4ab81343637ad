using DeviceMail.Accounts;
using DeviceMail.Queue;
using DeviceMail.Tests.Accounts;
using DeviceMail.Tests.Kit;
using DeviceMail.Tests.Parts;

namespace DeviceMail.Tests.Sending;

/// <summary>What follows from each thing that a server can say or do in each step of the dialogue: one table, walked on real sockets.</summary>
public sealed class UpstreamTableTests
{
    private const string Mail = "Subject: scan\r\nDate: Tue, 24 Nov 2026 09:00:00 +0000\r\n\r\nhello\r\n";

    private enum Fate
    {
        /// <summary>Tried again, and counted towards giving up.</summary>
        Later,

        /// <summary>Waits, and is not counted: for the provider's limit, which is no fault, or because no mail was offered yet.</summary>
        Limit,

        Held,
        Refused,

        /// <summary>Tried at once on another connection, and delivered.</summary>
        Again,
    }

    /// <summary>What the server does; what follows before any mail is offered, to MAIL with the account's own address, to the rest of a mail, and to MAIL on a connection that is used again.</summary>
    private static readonly (string Does, Fate BeforeMail, Fate OwnSender, Fate WithMail, Fate Reused)[] _table =
    [
        ("421 4.3.0 closing", Fate.Limit, Fate.Later, Fate.Later, Fate.Again),
        ("450 4.2.0 busy", Fate.Limit, Fate.Later, Fate.Later, Fate.Later),
        ("451 4.3.0 a fault of ours", Fate.Limit, Fate.Later, Fate.Later, Fate.Later),
        ("452 4.3.1 no room", Fate.Limit, Fate.Later, Fate.Later, Fate.Later),
        ("432 4.3.2 Concurrent connections limit exceeded", Fate.Limit, Fate.Limit, Fate.Limit, Fate.Limit),
        ("554 5.2.0 STOREDRV; SubmissionQuotaExceededException", Fate.Limit, Fate.Limit, Fate.Limit, Fate.Limit),
        ("550 5.1.1 not here", Fate.Held, Fate.Refused, Fate.Refused, Fate.Refused),
        ("552 5.3.4 too large", Fate.Held, Fate.Refused, Fate.Refused, Fate.Refused),
        ("554 5.7.1 not for you", Fate.Held, Fate.Held, Fate.Refused, Fate.Refused),
        ("535 5.7.3 Authentication unsuccessful", Fate.Held, Fate.Held, Fate.Held, Fate.Held),
        ("535 5.7.139 Authentication unsuccessful, the request did not meet the criteria", Fate.Held, Fate.Held, Fate.Held, Fate.Held),
        ("reset", Fate.Held, Fate.Later, Fate.Later, Fate.Again),
        ("drop", Fate.Held, Fate.Later, Fate.Later, Fate.Again),
        ("silent", Fate.Held, Fate.Later, Fate.Later, Fate.Later),
    ];

    /// <summary>The steps, by how their command begins ("" is the greeting), and whether a mail is offered in it.</summary>
    private static readonly (string Step, bool WithMail)[] _steps =
    [
        ("", false), ("EHLO", false), ("STARTTLS", false), ("AUTH", false), ("MAIL", true), ("RCPT", true), ("DATA", true), (".", true),
    ];

    [Fact]
    public async Task Each_reply_in_each_step_has_the_outcome_of_the_table()
    {
        await using var folder = new SenderFolder();
        await using var provider = await ScriptedProvider.StartAsync();
        using var authority = new TestAuthority();
        var job = await folder.AcceptAsync(Mail);
        var account = await folder.Accounts.AddAsync(AccountFolder.Describe("scan@contoso.example", 25, provider));
        var faults = new List<string>();
        foreach (var (step, withMail) in _steps)
        {
            foreach (var row in _table)
            {
                await using var server = new ScriptedServer
                {
                    Extensions = ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH XOAUTH2"],
                    Certificate = step == "STARTTLS" ? authority.Good : null,
                };
                if (step != "AUTH") server.Say("AUTH", "235 2.7.0 welcome");
                server.Say(step, row.Does, row.Does);
                if (step == "EHLO") server.Say("HELO", row.Does);
                var way = await folder.Accounts.AddAsync(account with
                {
                    Port = server.Port,
                    Security = step == "STARTTLS" ? ConnectionSecurity.StartTls : ConnectionSecurity.None,
                    VerifiesCertificate = false,
                });
                // Another port is another endpoint, and a sign-in is sealed to its endpoint.
                await folder.Accounts.SignInAsync(way);
                var found = await WalkAsync(folder, server, job, way, (step, row.Does));
                var wanted = step == "MAIL" ? row.OwnSender : withMail ? row.WithMail : row.BeforeMail;
                if (found != wanted) faults.Add($"{row.Does} to {(step.Length == 0 ? "the connection" : step)}: {found} instead of {wanted}");
            }
        }
        Assert.Empty(faults);
    }

    [Fact]
    public async Task Each_reply_to_mail_on_a_reused_connection_has_the_outcome_of_the_table()
    {
        await using var folder = new SenderFolder();
        var job = await folder.AcceptAsync(Mail);
        var faults = new List<string>();
        foreach (var row in _table)
        {
            await using var server = new ScriptedServer();
            var account = SenderFolder.Plain(server.Port);
            Assert.IsType<SendOutcome.Sent>(await folder.OutcomeAsync(job, account));
            server.Say("MAIL", row.Does);
            var found = await WalkAsync(folder, server, job, account, ("MAIL", row.Does));
            if (found == Fate.Again && server.Connections != 2) faults.Add($"{row.Does}: {server.Connections} connections");
            if (found != row.Reused) faults.Add($"{row.Does}: {found} instead of {row.Reused}");
            folder.Time.Advance(TimeSpan.FromMinutes(5));
        }
        Assert.Empty(faults);
    }

    [Theory]
    [InlineData("451 4.7.500 Server busy", typeof(SendOutcome.TryLater))]
    [InlineData("452 4.3.1 no room", typeof(SendOutcome.TryLater))]
    [InlineData("550 5.7.1 not as this sender", typeof(SendOutcome.Refused))]
    public async Task What_a_server_says_to_MAIL_counts_and_not_what_it_says_to_the_RCPT_that_was_pipelined_behind(string reply, Type outcome)
    {
        await using var folder = new SenderFolder();
        await using var server = new ScriptedServer();
        server.Say("MAIL", reply);
        server.Say("RCPT", "503 5.5.2 Need mail command", "503 5.5.2 Need mail command");
        var job = await folder.AcceptAsync(Mail, "anna@x.example", "ben@x.example");
        var result = await folder.SendAsync(job, SenderFolder.Plain(server.Port));
        Assert.All(result.Recipients, one => Assert.IsType(outcome, one.Outcome));
        Assert.All(result.Recipients, one => Assert.DoesNotContain("503", one.Outcome.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_is_not_there_holds_the_account_and_fails_no_mail()
    {
        await using var folder = new SenderFolder();
        var job = await folder.AcceptAsync(Mail);
        var held = Assert.IsType<SendOutcome.Held>(await folder.OutcomeAsync(job, SenderFolder.Plain(FreePort.Next())));
        Assert.Equal("server-unreachable", held.Problem.Key);
    }

    [Fact]
    public async Task Each_recipient_has_the_outcome_that_the_server_gave_it()
    {
        await using var folder = new SenderFolder();
        await using var server = new ScriptedServer();
        server.Say("RCPT TO:<ben@", "550 5.1.1 no such user");
        server.Say("RCPT TO:<cy@", "450 4.2.1 try later");
        var job = await folder.AcceptAsync(Mail, "anna@x.example", "ben@x.example", "cy@x.example");
        var result = await folder.SendAsync(job, SenderFolder.Plain(server.Port));
        Assert.Equal([typeof(SendOutcome.Sent), typeof(SendOutcome.Refused), typeof(SendOutcome.TryLater)], result.Recipients.Select(one => one.Outcome.GetType()));
        Assert.Equal("RCPT TO:<anna@x.example>", Assert.Single(Assert.Single(server.Messages).Recipients));
        Assert.Equal("recipient-refused", ((SendOutcome.Refused)result.Recipients[1].Outcome).Problem.Key);
    }

    [Fact]
    public async Task A_recipient_at_an_idn_domain_that_is_refused_is_not_called_sent()
    {
        await using var folder = new SenderFolder();
        await using var server = new ScriptedServer();
        server.Say("RCPT TO:<ben@", "550 5.1.1 no such user");
        var job = await folder.AcceptAsync(Mail, "anna@x.example", "ben@xn--mller-kva.example");
        var result = await folder.SendAsync(job, SenderFolder.Plain(server.Port));
        Assert.Equal([typeof(SendOutcome.Sent), typeof(SendOutcome.Refused)], result.Recipients.Select(one => one.Outcome.GetType()));
    }

    [Fact]
    public async Task When_all_recipients_are_refused_nothing_is_sent_and_the_connection_is_used_again()
    {
        await using var folder = new SenderFolder();
        await using var server = new ScriptedServer();
        server.Say("RCPT", "550 5.1.1 no such user", "550 5.1.1 no such user");
        var job = await folder.AcceptAsync(Mail, "anna@x.example", "ben@x.example");
        var result = await folder.SendAsync(job, SenderFolder.Plain(server.Port));
        Assert.All(result.Recipients, one => Assert.IsType<SendOutcome.Refused>(one.Outcome));
        Assert.DoesNotContain("DATA", server.Commands);
        Assert.IsType<SendOutcome.Sent>((await folder.SendAsync(job, SenderFolder.Plain(server.Port))).Recipients[0].Outcome);
        Assert.Equal(1, server.Connections);
    }

    private static async Task<Fate> WalkAsync(SenderFolder folder, ScriptedServer server, Job job, Account account, (string Step, string Does) play)
    {
        var before = server.Commands.Count;
        var sending = folder.SendAsync(job, account);
        if (play.Does == "silent")
        {
            await LabGateway.EventuallyAsync(() => sending.IsCompleted || play.Step switch
            {
                "" => server.Connections == 1,
                "." => server.Messages.Count == 1,
                _ => server.Commands.Skip(before).Any(command => command.StartsWith(play.Step, StringComparison.Ordinal)),
            });
            // Longer than the limit of the step, and before mail shorter than that of a whole attempt.
            folder.Time.Advance(TimeSpan.FromMinutes(_steps.Single(one => one.Step == play.Step).WithMail ? 20 : 5));
        }
        return Assert.Single((await sending).Recipients).Outcome switch
        {
            SendOutcome.TryLater { Counts: true } => Fate.Later,
            SendOutcome.TryLater => Fate.Limit,
            SendOutcome.Held => Fate.Held,
            SendOutcome.Refused => Fate.Refused,
            _ => Fate.Again,
        };
    }
}
