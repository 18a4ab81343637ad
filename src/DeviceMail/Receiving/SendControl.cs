using System.Text.Json.Serialization;
using DeviceMail.Control;
using DeviceMail.Messages;
using DeviceMail.Queue;
using DeviceMail.Routing;
using Microsoft.AspNetCore.Http.Features;

namespace DeviceMail.Receiving;

/// <param name="Job">The number under which Job Status shows it.</param>
/// <param name="Account">Who sends it.</param>
public sealed record TakenMail(long Job, string Account);

/// <summary>Takes a message from a user of this machine: the envelope in the query, the octets as the body.</summary>
internal static class SendControl
{
    public static void Map(RouteGroupBuilder control) => control.MapPost("/send", async Task<IResult> (HttpContext context) => await TakeAsync(context));

    private static async Task<IResult> TakeAsync(HttpContext context)
    {
        var services = context.RequestServices;
        var (from, to) = (context.Request.Query["from"].ToString(), context.Request.Query["to"]);
        if (!MailAddress.TryParse(from, out var sender)) return ControlAnswers.Refused($"--from cannot be “{from}”: it must be a mail address, name@domain.");
        var recipients = new List<MailAddress>();
        foreach (var one in to)
        {
            if (!MailAddress.TryParse(one, out var recipient)) return ControlAnswers.Refused($"--to cannot be “{one}”: it must be a mail address, name@domain.");
            if (!recipients.Contains(recipient)) recipients.Add(recipient);
        }
        var router = services.GetRequiredService<Router>();
        if (router.Route(null, sender) is not RouteOutcome.ByAccount { Account: var account })
            return ControlAnswers.Refused($"No account sends mail of {sender}. Set one up first: devicemail accounts.");
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = router.SizeLimitFor(null);
        var envelope = new Envelope { Sender = sender, Recipients = recipients, AccountId = account.Id, Origin = new Origin() };
        return await services.GetRequiredService<AcceptMail>()(envelope, context.Request.BodyReader, context.RequestAborted) switch
        {
            AcceptOutcome.Accepted accepted => Results.Json(new TakenMail(accepted.JobId, account.Address.ToString()), SendJson.Default.TakenMail),
            AcceptOutcome.Refused refused => ControlAnswers.Refused($"The message cannot be taken ({refused.Why})."),
            _ => throw new InvalidOperationException("A message is accepted or refused."),
        };
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(TakenMail))]
internal sealed partial class SendJson : JsonSerializerContext;
