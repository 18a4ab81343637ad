using DeviceMail.Web;

namespace DeviceMail.Doctor;

/// <param name="Answer">Null: nothing was asked yet.</param>
public sealed record ExplainModel(PageShell Shell, ExplainAnswer? Answer);

/// <summary>Job/Status > Explain a Code.</summary>
internal static class ExplainPage
{
    /// <summary>More than any server says in a reply; the rest is not looked at.</summary>
    private const int LongestQuestion = 2_000;

    public static void MapExplain(this WebApplication app) => app.MapGet("/explain", IResult (HttpContext context) =>
    {
        var asked = context.Request.Query["q"].ToString().Trim();
        var answer = asked.Length == 0 ? null : ExplainAnswer.To(asked.Length > LongestQuestion ? asked[..LongestQuestion] : asked);
        return ExplainView.Create(new ExplainModel(context.Part<PageShells>().For(context, Menu.Explain, "Explain a Code"), answer));
    });
}
