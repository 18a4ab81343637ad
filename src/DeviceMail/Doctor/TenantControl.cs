using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Control;
using DeviceMail.Web;

namespace DeviceMail.Doctor;

/// <summary>What the command line may ask of the set-up.</summary>
internal static class TenantControl
{
    public const string Path = "/control/doctor/tenant";

    public static void Map(RouteGroupBuilder control)
    {
        control.MapPost("/doctor/tenant", async Task<IResult> (HttpContext context, TenantVisits visits) =>
        {
            var request = (await context.Request.ReadFromJsonAsync(TenantJson.Default.TenantRequest))!;
            if (request.Faults() is [var fault, ..]) return ControlAnswers.Refused(fault.Sentence);
            context.Note(TenantDeeds.Began(request));
            return Facts(await visits.StartAsync(request));
        });
        control.MapGet("/doctor/tenant", IResult (string id, TenantVisits visits) => visits.Find(id) is { } visit ? Facts(visit) : Gone());
        control.MapPost("/doctor/tenant/answer", async Task<IResult> (HttpContext context, string id, TenantVisits visits) =>
        {
            var landed = (await context.Request.ReadFromJsonAsync(AccountsJson.Default.LandedAddress))!;
            if (visits.Find(id) is not { } visit) return Gone();
            context.Note(TenantDeeds.Answered(visit.Facts));
            return await visit.AnswerAsync(landed.Address) ? Facts(visit) : ControlAnswers.Refused(AuthorizationCodes.WrongAddress);
        });
        control.MapPost("/doctor/tenant/yes", IResult (HttpContext context, string id, TenantVisits visits) =>
        {
            if (visits.Find(id) is not { Facts.Stage: TenantStage.Preview } visit) return Gone();
            context.Note(TenantDeeds.Agreed(visit.Facts));
            visit.Yes();
            return ControlAnswers.Done("It begins.");
        });
        control.MapPost("/doctor/tenant/end", IResult (HttpContext context, string id, TenantVisits visits) =>
        {
            if (visits.Find(id) is not { } visit) return Gone();
            context.Note(TenantDeeds.Ended(visit.Facts));
            visit.End();
            return ControlAnswers.Done("The set-up ends. The administrator's sign-in is thrown away.");
        });
    }

    private static IResult Facts(TenantVisit visit) => Results.Json(visit.Facts, TenantJson.Default.TenantFacts);

    private static IResult Gone() => ControlAnswers.Refused("This set-up is over; another one was begun, or the service was restarted. Begin again.");
}

/// <summary>What the audit log says of a set-up.</summary>
internal static class TenantDeeds
{
    public static Deed Began(TenantRequest request) => new("Began the set-up of the organisation", request.Mailbox);

    public static Deed Answered(TenantFacts facts) => new("Finished the administrator's sign-in in a browser", facts.Request.Mailbox);

    public static Deed Ended(TenantFacts facts) => new("Ended the set-up of the organisation", facts.Request.Mailbox);

    public static Deed Agreed(TenantFacts facts) => new($"Agreed to the set-up of the organisation {facts.TenantId} as {(facts.SignedInAs.Length > 0 ? facts.SignedInAs : "somebody")}", facts.Request.Mailbox)
    {
        Before = string.Join('\n', facts.Steps.Where(step => step.Would.Length > 0).Select(step => step.Is)),
        After = string.Join('\n', facts.Steps.Where(step => step.Would.Length > 0).Select(step => step.Would)),
    };
}
