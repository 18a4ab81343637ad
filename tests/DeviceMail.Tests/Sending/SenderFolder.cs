using System.Text;
using DeviceMail.Accounts;
using DeviceMail.Queue;
using DeviceMail.Sending;
using DeviceMail.Tests.Accounts;
using DeviceMail.Tests.Kit;
using Microsoft.Extensions.Time.Testing;

namespace DeviceMail.Tests.Sending;

/// <summary>The real sender on a real queue, with a clock the test moves; its server is whatever the test stands up.</summary>
internal sealed class SenderFolder : IAsyncDisposable
{
    public static readonly GatewayIdentity Gateway = new("gateway.test", "mark");

    private readonly GraphChannel _graph;

    public SenderFolder()
    {
        Pool = new UpstreamPool(Time);
        Sender = new SmtpSender(Queue, new UpstreamConnector(Accounts.Tokens, Passwords, Accounts.Outside, Time), Time);
        _graph = new GraphChannel(Accounts.Outside, Accounts.Tokens, Time);
        Graph = new GraphSender(Queue, _graph, new GraphDrafts(_graph, Time), Time);
        Mail = new MailSender(Sender, Graph, Accounts.Accounts, Accounts.Status, Time);
    }

    public AccountFolder Accounts { get; } = new();

    public FakeTimeProvider Time => Accounts.Time;

    public MailQueue Queue => Accounts.Folder.Queue;

    public PasswordKeeper Passwords => new(Accounts.Secrets);

    public SmtpSender Sender { get; }

    public GraphSender Graph { get; }

    public MailSender Mail { get; }

    public UpstreamPool Pool { get; }

    /// <summary>An account that needs no sign-in and keeps the device's sender, so that nothing is rewritten without need.</summary>
    public static Account Plain(int port) => AccountFolder.Describe("scan@contoso.example", port) with { Id = 1, SenderPolicy = SenderPolicy.Keep };

    public Task<Job> AcceptAsync(string message, params string[] recipients) => AcceptAsync(Encoding.UTF8.GetBytes(message), recipients);

    public async Task<Job> AcceptAsync(byte[] message, params string[] recipients)
    {
        Assert.IsType<AcceptOutcome.Accepted>(await Accounts.Folder.AcceptAsync(message, recipients));
        return Queue.TryClaim(1)!;
    }

    public Task<DeliveryResult> SendAsync(Job job, Account account) =>
        Sender.SendAsync(new SendAttempt(job, account, Gateway) { Pool = Pool }, TestContext.Current.CancellationToken);

    /// <summary>The one outcome that all recipients had.</summary>
    public async Task<SendOutcome> OutcomeAsync(Job job, Account account) => Assert.Single((await SendAsync(job, account)).Recipients.Select(one => one.Outcome).Distinct());

    public async ValueTask DisposeAsync()
    {
        Pool.Close();
        _graph.Dispose();
        await Accounts.DisposeAsync();
    }
}
