using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Queue;
using DeviceMail.Sending;
using DeviceMail.Storage;
using MimeKit;

namespace DeviceMail.EmailServer;

/// <summary>The steps of a connection test at Microsoft Graph: whether it is there, whether it may be used, and a test mail where one was asked for.</summary>
internal sealed class GraphConnectionTest(GraphChannel channel, TokenKeeper tokens)
{
    private static readonly TimeSpan _stepLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(90);

    /// <summary>Any answer is a good one: without a token Graph says no more than that it is there.</summary>
    public async Task<bool> ReachAsync(Account account, ConnectionTestMeter step)
    {
        var host = new Uri(account.Graph).Authority;
        try
        {
            var reply = await step.LimitedAsync(_stepLimit, cancel => channel.SendAsync(new HttpRequestMessage(HttpMethod.Get, account.Graph), null, cancel));
            return step.Ok($"Microsoft Graph answers at {host}", reply.RequestId.Length > 0 ? $"Request {reply.RequestId}" : "");
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException)
        {
            return step.Bad($"Microsoft Graph does not answer at {host}", NotReached(account, fault));
        }
    }

    /// <summary>What a token of an application does not tell: it is given without any right.</summary>
    public static ConnectionTestFault OnlyMailShows { get; } = new("An application gets a token whatever it may do with it. Send a test mail: only that shows whether it may send.");

    /// <summary>A person's token for Graph is given only where the permission was granted.</summary>
    /// <returns>Null when it was given.</returns>
    public async Task<ConnectionTestFault?> PermissionAsync(Account account, ConnectionTestMeter step)
    {
        try
        {
            return await step.LimitedAsync(_limit, cancel => tokens.GetAsync(account, Transport.Graph, cancel)) switch
            {
                AccessTokenResult.Held held when held.Problem == Problems.ConsentMissing => ConnectionTestRemedies.Of(Problems.GraphNotAllowed, account, held.ServerWords),
                AccessTokenResult.Held held => ConnectionTestRemedies.Of(held.Problem, account, held.ServerWords),
                AccessTokenResult.TryLater later => ConnectionTestRemedies.Of(later.Problem, account, later.ServerWords),
                _ when account.IsApplication => OnlyMailShows,
                _ => null,
            };
        }
        catch (Exception fault) when (fault is OperationCanceledException or StorageFailedException)
        {
            return ConnectionTestRemedies.Of(Problems.Unreachable, account, "The service did not answer in time.");
        }
    }

    public async Task<bool> SendAsync(Account account, MimeMessage mail, ConnectionTestMeter step)
    {
        var to = mail.To.ToString();
        try
        {
            using var octets = new MemoryStream();
            await mail.WriteToAsync(octets);
            var (reply, outcome) = await step.LimitedAsync(_limit, cancel => channel.AskAsync(account, Transport.Graph, () => GraphSender.Request(account, octets.ToArray()), cancel));
            return (outcome ?? (reply!.HasTaken ? null : reply.Judge())) switch
            {
                null => step.Ok($"The test mail to {to} was handed over", GraphSender.Accepted(reply!)),
                SendOutcome.Held held => step.Bad("Microsoft Graph refused the test mail", ConnectionTestRemedies.Of(held.Problem, account, held.ServerWords)),
                SendOutcome.TryLater later => step.Bad("Microsoft Graph did not take the test mail now", ConnectionTestRemedies.Of(later.Problem, account, later.ServerWords)),
                SendOutcome.Refused refused => step.Bad("Microsoft Graph refused the test mail", ConnectionTestRemedies.Of(refused.Problem, account, refused.ServerWords)),
                var other => throw new InvalidOperationException($"{other} is no refusal."),
            };
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException)
        {
            return step.Bad("Microsoft Graph did not answer", NotReached(account, fault));
        }
    }

    private static ConnectionTestFault NotReached(Account account, Exception fault) =>
        new($"Ask who runs the firewall and the proxy to allow https towards {new Uri(account.Graph).Host}, without looking into it.")
        {
            Fields = [FieldLink.Interfaces, FieldLink.CaCertificate],
            ServerWords = fault is OperationCanceledException ? $"No answer in {_stepLimit.TotalSeconds:0} seconds." : UpstreamConnector.FirstLine((fault.InnerException ?? fault).Message),
        };
}
