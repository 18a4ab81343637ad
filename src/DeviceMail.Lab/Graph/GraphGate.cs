using System.Collections.Concurrent;
using DeviceMail.Lab.Entra;
using Microsoft.AspNetCore.Http;

namespace DeviceMail.Lab.Graph;

/// <summary>What a call needs from its token.</summary>
public enum GraphNeed
{
    AnyToken,
    Send,
    ReadWrite,
}

/// <summary>Who calls, and for which mailbox.</summary>
public sealed record GraphCaller(AccessGrant Grant, LabAccount Mailbox);

/// <summary>Every call passes here: switches, token, mailbox, permission, and not too many at once.</summary>
public sealed class GraphGate(PretendCloud cloud)
{
    private const int CallsAtOnce = 4;

    private readonly ConcurrentDictionary<string, int> _underWay = new(StringComparer.OrdinalIgnoreCase);

    public async Task<IResult> RunAsync(HttpContext c, GraphNeed need, Func<GraphCaller, Task<IResult>> act)
    {
        cloud.Counters.CountGraphCall();
        if (cloud.Switches.GraphUnreachable)
        {
            c.Abort();
            return Results.Empty;
        }

        if (Trouble() is { } trouble)
            return trouble.Answer(c, cloud.Time);
        var (caller, refusal) = Enter(c, need);
        if (caller is null)
            return refusal!.Answer(c, cloud.Time);
        var mailbox = caller.Mailbox.Mailbox;
        var now = _underWay.AddOrUpdate(mailbox, 1, (_, count) => count + 1);
        cloud.Counters.CountGraphSends(now);
        try
        {
            if (now > CallsAtOnce)
                return GraphRefusal.TooManyAtOnce.Answer(c, cloud.Time);
            if (cloud.Switches.SlowMilliseconds > 0)
                await Task.Delay(TimeSpan.FromMilliseconds(cloud.Switches.SlowMilliseconds), cloud.Time, c.RequestAborted);
            return await act(caller);
        }
        finally
        {
            _underWay.AddOrUpdate(mailbox, 0, (_, count) => count - 1);
        }
    }

    private GraphRefusal? Trouble()
    {
        var switches = cloud.Switches;
        if (switches.GraphThrottledSeconds > 0)
            return GraphRefusal.Throttled(switches.GraphThrottledSeconds);
        return switches.GraphUnavailable ? GraphRefusal.Unavailable : null;
    }

    private (GraphCaller? Caller, GraphRefusal? Refusal) Enter(HttpContext c, GraphNeed need)
    {
        var authorization = c.Request.Headers.Authorization.ToString();
        if (!authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return (null, GraphRefusal.NoToken);
        if (cloud.Tokens.OpenGraph(authorization[7..].Trim()) is not { } grant)
            return (null, GraphRefusal.BadToken);
        var address = c.Request.RouteValues["address"] as string;
        if (address is null && grant.IsApplication)
            return (null, GraphRefusal.NotForApplications);
        if (cloud.Switches.GraphAccessDenied)
            return (null, GraphRefusal.AccessDenied);
        if ((address is null ? grant.Session.Account : Find(address)) is not { } mailbox)
            return (null, GraphRefusal.UnknownUser(address!));
        if (cloud.Switches.GraphMailboxMissing && need != GraphNeed.AnyToken)
            return (null, GraphRefusal.NoMailbox);
        var caller = new GraphCaller(grant, mailbox);
        return IsAllowed(caller, need) ? (caller, null) : (null, GraphRefusal.AccessDenied);
    }

    private LabAccount? Find(string user) =>
        cloud.Tenant.FindMailbox(user) ?? cloud.Tenant.Accounts.FirstOrDefault(account => account.Id.ToString().Equals(user, StringComparison.OrdinalIgnoreCase));

    private bool IsAllowed(GraphCaller caller, GraphNeed need)
    {
        var permission = need switch
        {
            GraphNeed.Send => "Mail.Send",
            GraphNeed.ReadWrite => "Mail.ReadWrite",
            _ => null,
        };
        var (grant, mailbox) = caller;
        if (grant.IsApplication)
            return mailbox.Kind != AccountKind.Personal && (permission is null || grant.Carries(permission));
        var account = grant.Session.Account.Address;
        if (mailbox.Address == account)
            return permission is null || grant.Carries(permission, $"{permission}.Shared");
        return permission is not null && grant.Carries($"{permission}.Shared") && cloud.Tenant.MayOpen(account, mailbox.Address);
    }
}
